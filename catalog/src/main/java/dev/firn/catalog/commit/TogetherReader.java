package dev.firn.catalog.commit;

import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.MetadataFiles;
import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableName;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/** Reads the newest metadata of several tables, as of one moment. Thread-safe. */
final class TogetherReader {
  /** Each needs a hundred commits between the look-up and the read to be in vain. */
  private static final int ATTEMPTS = 5;

  private final Pointers pointers;
  private final FileIO stores;

  TogetherReader(Pointers pointers, FileIO stores) {
    this.pointers = pointers;
    this.stores = stores;
  }

  /**
   * Returns the metadata of all of {@code tables} that exist, in their order.
   *
   * @param known metadata that need not be read where it is still the newest
   */
  Map<TableIdentifier, TableMetadata> read(
      Collection<TableIdentifier> tables, Map<TableIdentifier, TableMetadata> known) {
    for (int attempt = 1; ; attempt++) {
      Map<TableIdentifier, String> locations = pointers.findAll(tables);
      try {
        Map<TableIdentifier, TableMetadata> all = new LinkedHashMap<>();
        locations.forEach((table, at) -> all.put(table, read(table, at, known.get(table))));
        return all;
      } catch (NotFoundException e) {
        // Old metadata files go with later commits.
        if (attempt == ATTEMPTS || pointers.findAll(tables).equals(locations)) {
          throw e;
        }
      }
    }
  }

  private TableMetadata read(TableIdentifier table, String at, @Nullable TableMetadata known) {
    if (known != null && at.equals(known.metadataFileLocation())) {
      return known;
    }
    TableMetadata read = TableMetadataParser.read(new MetadataFiles(stores), at);
    SupportedTables.check(TableName.format(table), read);
    return read;
  }
}
