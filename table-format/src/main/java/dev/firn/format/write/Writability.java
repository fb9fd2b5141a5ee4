package dev.firn.format.write;

import dev.firn.error.FirnException;
import java.util.Locale;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/** Whether a table's data can be written as its properties ask, checked before a file exists. */
final class Writability {
  private Writability() {}

  /** Returns the data-file format that the table asks for. */
  static FileFormat format(Table table) {
    String name =
        table
            .properties()
            .getOrDefault(
                TableProperties.DEFAULT_FILE_FORMAT, TableProperties.DEFAULT_FILE_FORMAT_DEFAULT);
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "parquet" -> FileFormat.PARQUET;
      case "avro" -> FileFormat.AVRO;
      case "orc" -> FileFormat.ORC;
      default ->
          throw FirnException.invalid(
              "Cannot write data files: "
                  + TableProperties.DEFAULT_FILE_FORMAT
                  + " is not a data-file format, expected parquet, avro or orc, got "
                  + name
                  + " ["
                  + table.name()
                  + "]");
    };
  }

  static void check(Table table, Schema schema, FileFormat format) {
    if (table.properties().containsKey(TableProperties.ENCRYPTION_TABLE_KEY)) {
      throw FirnException.invalid(
          "Cannot write data files: encryption is not supported and the data would be plain text,"
              + " expected no property "
              + TableProperties.ENCRYPTION_TABLE_KEY
              + " ["
              + table.name()
              + "]");
    }
    for (Types.NestedField column : TypeUtil.indexById(schema.asStruct()).values()) {
      if (!writable(column.type(), format)) {
        throw FirnException.invalid(
            "Cannot write data files: column "
                + schema.findColumnName(column.fieldId())
                + " has a type that "
                + format.name().toLowerCase(Locale.ROOT)
                + " files cannot hold yet, got "
                + column.type()
                + " ["
                + table.name()
                + "]");
      }
    }
  }

  private static boolean writable(Type type, FileFormat format) {
    return switch (type.typeId()) {
      case GEOMETRY, GEOGRAPHY -> false;
      case VARIANT -> format != FileFormat.ORC;
      default -> true;
    };
  }
}
