package dev.firn.catalog.commit;

import dev.firn.catalog.jdbc.Intents;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.MetadataFiles;
import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one catalog as commits see them: pointers in the database, metadata in the stores,
 * and the recent metadata and manifest lists in memory, so that a commit reads nothing that this
 * process wrote. Thread-safe; borrows the database and the stores.
 */
final class TableStore {
  private static final long METADATA_BYTES = 64L << 20;
  private static final long LIST_BYTES = 32L << 20;
  private static final long SNAPSHOT_BYTES = 2_000;
  private static final int DETACH_EVERY = 64;
  private static final long TABLES = 10_000;

  private final Pointers pointers;
  private final FileIO stores;
  private final Intents intents;
  private final RecentFiles<TableMetadata> metadata =
      new RecentFiles<>(METADATA_BYTES, m -> (m.snapshots().size() + 4) * SNAPSHOT_BYTES);
  private final RecentFiles<String> last = new RecentFiles<>(TABLES, location -> 1);
  private final RecentFiles<byte[]> lists = new RecentFiles<>(LIST_BYTES, bytes -> bytes.length);

  TableStore(Pointers pointers, FileIO stores, Intents intents) {
    this.pointers = pointers;
    this.stores = stores;
    this.intents = intents;
  }

  /**
   * Adds files to the write intent of a change, before they are created; a change without an intent
   * has none.
   *
   * @throws FirnException CONFLICT where the intent has been swept
   */
  void announce(List<UUID> intents, Table table, List<String> files) {
    if (intents.isEmpty()) {
      return;
    }
    UUID intent = intents.get(0);
    // The session of an intent does not change, and is not looked at again.
    Intents.Entry entry =
        new Intents.Entry(intent, intent, table.name(), table.location(), false, files);
    if (!this.intents.record(List.of(entry)).isEmpty()) {
      throw new FirnException(
          ErrorKind.CONFLICT,
          "Cannot commit to %s: its files have been swept, because its process's lease ended before it committed; write them again"
              .formatted(table.name()));
    }
  }

  Pointers pointers() {
    return pointers;
  }

  FileIO stores() {
    return stores;
  }

  RecentFiles<byte[]> lists() {
    return lists;
  }

  /** Returns the table's current metadata; null where there is no such table. */
  @Nullable TableMetadata current(TableIdentifier table) {
    Optional<String> location = pointers.find(table);
    if (location.isEmpty()) {
      last.forget(table.toString());
      return null;
    }
    TableMetadata current = read(table, location.get());
    last.put(table.toString(), location.get());
    return current;
  }

  /** Returns what was last seen or made current, without asking the database; null for nothing. */
  @Nullable TableMetadata lastKnown(TableIdentifier table) {
    String location = last.find(table.toString());
    return location == null ? null : metadata.find(location);
  }

  /**
   * Returns the metadata at a location: from memory, where it was written or read before.
   *
   * @throws dev.firn.error.FirnException INVALID where Firn must not touch the table
   */
  TableMetadata read(TableIdentifier table, String location) {
    TableMetadata known = metadata.find(location);
    if (known != null) {
      return known;
    }
    TableMetadata read = TableMetadataParser.read(new MetadataFiles(stores), location);
    SupportedTables.check(TableName.format(table), read);
    metadata.put(location, read);
    return read;
  }

  /** Keeps metadata that has become current. */
  void put(TableIdentifier table, TableMetadata written) {
    metadata.put(written.metadataFileLocation(), written);
    last.put(table.toString(), written.metadataFileLocation());
  }

  /**
   * Replaces metadata in memory by a copy, now and then: each snapshot that was a parent holds its
   * manifests from then on, and one set of snapshots is handed from commit to commit.
   */
  void detach(TableMetadata current) {
    String location = current.metadataFileLocation();
    if (MetadataLocations.version(location) % DETACH_EVERY == 0) {
      metadata.put(
          location, TableMetadataParser.fromJson(location, TableMetadataParser.toJson(current)));
    }
  }
}
