package dev.firn.scan;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.mapping.NameMappingParser;
import org.jspecify.annotations.Nullable;

/** A table's names for files without field ids. Stateless. */
final class TableNameMapping {
  private TableNameMapping() {}

  /** The mapping, or null where the table has none. */
  static @Nullable NameMapping of(Table table) {
    String json = table.properties().get(TableProperties.DEFAULT_NAME_MAPPING);
    if (json == null) {
      return null;
    }
    try {
      return NameMappingParser.fromJson(json);
    } catch (RuntimeException e) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot read table "
              + table.name()
              + ": its property "
              + TableProperties.DEFAULT_NAME_MAPPING
              + " is not a name mapping: "
              + e.getMessage(),
          e);
    }
  }
}
