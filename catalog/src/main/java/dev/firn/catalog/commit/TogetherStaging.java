package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateRequirement;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Stages the changes of one table of a transaction on its newest metadata, and writes the metadata
 * file. Stateless.
 */
final class TogetherStaging {
  private TogetherStaging() {}

  /**
   * What is ready to be swapped in.
   *
   * @param base null where the table is made
   * @param move null where the table stays as it is
   */
  record Staged(
      TableChanges changes,
      @Nullable TableMetadata base,
      TableMetadata metadata,
      Pointers.@Nullable Move move,
      List<CommitReceipt> receipts) {}

  /**
   * Stages {@code changes} on {@code base}, null where there is no such table.
   *
   * @throws FirnException CONFLICT or ALREADY_EXISTS where others changed the table such that these
   *     changes no longer apply; naming the table
   */
  static Staged stage(TableChanges changes, @Nullable TableMetadata base, RecordedFiles files) {
    String doing = "commit to " + TableName.format(changes.table());
    try {
      requireUnchanged(doing, changes, base);
      return onto(changes, base, files);
    } catch (RuntimeException e) {
      throw IcebergErrors.translate(doing, e);
    }
  }

  private static void requireUnchanged(
      String doing, TableChanges changes, @Nullable TableMetadata base) {
    String expected = changes.unchanged();
    if (expected != null && (base == null || !expected.equals(base.metadataFileLocation()))) {
      throw moved(doing);
    }
  }

  static FirnException moved(String doing) {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot "
            + doing
            + ": another writer changed a table that must stay unchanged; nothing was applied, try"
            + " again");
  }

  private static Staged onto(
      TableChanges changes, @Nullable TableMetadata base, RecordedFiles files) {
    TableMetadata shaped = reshape(changes, base);
    InMemoryOperations operations = new InMemoryOperations(shaped, files);
    Table table = new BaseTable(operations, TableName.format(changes.table()));
    List<CommitReceipt> receipts = new ArrayList<>();
    for (CommitRequest request : changes.requests()) {
      receipts.add(TableCommitter.commit(table, request.change()));
    }
    TableMetadata metadata = operations.current();
    SupportedTables.check(TableName.format(changes.table()), metadata);
    if (metadata.changes().isEmpty()) {
      return new Staged(changes, base, metadata, null, receipts);
    }
    String to = write(base, metadata, files);
    String from = base == null ? null : base.metadataFileLocation();
    return new Staged(
        changes, base, metadata, new Pointers.Move(changes.table(), from, to), receipts);
  }

  private static TableMetadata reshape(TableChanges changes, @Nullable TableMetadata base) {
    boolean creates = false;
    for (UpdateRequirement requirement : changes.requirements()) {
      creates |= requirement instanceof UpdateRequirement.AssertTableDoesNotExist;
    }
    if (creates && base != null) {
      throw new AlreadyExistsException("Table already exists: %s", changes.table());
    }
    if (!creates && base == null) {
      throw new CommitFailedException("Table does not exist any more: %s", changes.table());
    }
    changes.requirements().forEach(requirement -> requirement.validate(base));
    if (changes.updates().isEmpty() && base != null) {
      return base;
    }
    TableMetadata.Builder builder =
        base == null
            ? TableMetadata.buildFromEmpty(formatVersion(changes.updates()))
            : TableMetadata.buildFrom(base);
    changes.updates().forEach(update -> update.applyTo(builder));
    return builder.build();
  }

  /** Iceberg's own default, which it keeps to itself, where the updates name none. */
  private static int formatVersion(List<MetadataUpdate> updates) {
    int version = 2;
    for (MetadataUpdate update : updates) {
      if (update instanceof MetadataUpdate.UpgradeFormatVersion upgrade) {
        version = upgrade.formatVersion();
      }
    }
    return version;
  }

  private static String write(
      @Nullable TableMetadata base, TableMetadata metadata, RecordedFiles files) {
    String codec =
        metadata.property(
            TableProperties.METADATA_COMPRESSION, TableProperties.METADATA_COMPRESSION_DEFAULT);
    String to =
        InMemoryOperations.location(
            metadata,
            "%05d-%s%s"
                .formatted(
                    version(base), UUID.randomUUID(), TableMetadataParser.getFileExtension(codec)));
    TableMetadataParser.write(metadata, files.newOutputFile(to));
    return to;
  }

  private static int version(@Nullable TableMetadata base) {
    if (base == null) {
      return 0;
    }
    String location = base.metadataFileLocation();
    String name = location.substring(location.lastIndexOf('/') + 1);
    return Integer.parseInt(name.substring(0, name.indexOf('-'))) + 1;
  }
}
