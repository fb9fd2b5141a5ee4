package dev.firn.format.parquet.write;

import dev.firn.error.FirnException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.MessageType;

/** The Parquet schema of a file, from its Iceberg schema. */
final class FileSchema {
  // Iceberg's writers name it so.
  private static final String NAME = "table";
  // Levels are kept in bytes.
  private static final int MOST_LEVELS = Byte.MAX_VALUE;

  private FileSchema() {}

  static MessageType of(Schema schema, String location) {
    for (NestedField column : TypeUtil.indexById(schema.asStruct()).values()) {
      Type.TypeID id = column.type().typeId();
      if (id == Type.TypeID.GEOMETRY || id == Type.TypeID.GEOGRAPHY) {
        throw refused(schema, column, "has a type that Parquet files cannot hold yet", location);
      }
      if (column.type().isNestedType() && !storable(column.type())) {
        throw refused(schema, column, "has parts of unknown type, which are not stored", location);
      }
    }
    MessageType type = ParquetSchemaUtil.convert(schema, NAME);
    boolean deep =
        type.getColumns().stream().anyMatch(c -> c.getMaxDefinitionLevel() > MOST_LEVELS);
    if (deep || type.getColumns().isEmpty()) {
      throw FirnException.invalid(
          "Cannot write a Parquet file: %s [%s]"
              .formatted(
                  deep
                      ? "a column is nested too deep, expected at most 127 levels"
                      : "no column can be stored, expected one that is not of unknown type",
                  location));
    }
    return type;
  }

  /** Whether anything is left of a nested type without its fields of unknown type. */
  private static boolean storable(Type type) {
    Predicate<NestedField> stored = part -> part.type().typeId() != Type.TypeID.UNKNOWN;
    Stream<NestedField> parts = type.asNestedType().fields().stream();
    return type.isStructType() ? parts.anyMatch(stored) : parts.allMatch(stored);
  }

  private static FirnException refused(
      Schema schema, NestedField column, String fault, String location) {
    return FirnException.invalid(
        "Cannot write data files: column %s %s, got %s [%s]"
            .formatted(schema.findColumnName(column.fieldId()), fault, column.type(), location));
  }
}
