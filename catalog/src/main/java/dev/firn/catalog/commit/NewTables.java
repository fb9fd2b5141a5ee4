package dev.firn.catalog.commit;

import dev.firn.catalog.jdbc.Pointers;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;

/** Makes tables: without a lane, because a name can only be taken once. Stateless. */
final class NewTables {
  private NewTables() {}

  /**
   * Makes the table, of metadata that is written now, or that has its file already and is
   * registered.
   *
   * @throws AlreadyExistsException where the name is taken
   */
  static TableMetadata create(
      TableStore store, TableIdentifier table, TableMetadata metadata, List<UUID> intents) {
    StagingFiles files = new StagingFiles(store);
    TableMetadata made = metadata;
    if (metadata.metadataFileLocation() == null) {
      String location = MetadataLocations.next(null, metadata);
      try {
        TableMetadataParser.write(metadata, files.newOutputFile(location));
      } catch (RuntimeException e) {
        files.remove(files.created());
        throw e;
      }
      made =
          TableMetadata.buildFrom(metadata).withMetadataLocation(location).discardChanges().build();
    }
    Pointers.Move move = new Pointers.Move(table, null, made.metadataFileLocation());
    try {
      Pointers.Result result =
          store.pointers().swap(new Pointers.Swap(List.of(move), List.of(), intents));
      if (result instanceof Pointers.Result.Refused) {
        throw new FirnException(
            ErrorKind.CONFLICT,
            "Cannot create %s: its files have been swept, because its process's lease ended before it committed; write them again"
                .formatted(table));
      }
      if (!(result instanceof Pointers.Result.Applied)) {
        throw new AlreadyExistsException("Table already exists: %s", table);
      }
    } catch (AlreadyExistsException | NoSuchNamespaceException e) {
      files.remove(files.created());
      throw e;
    } catch (FirnException e) {
      if (e.kind() != ErrorKind.COMMIT_STATE_UNKNOWN) {
        files.remove(files.created());
      }
      throw e;
    }
    store.put(table, made);
    return made;
  }
}
