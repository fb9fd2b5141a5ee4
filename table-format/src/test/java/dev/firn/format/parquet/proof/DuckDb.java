package dev.firn.format.parquet.proof;

import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.arrow.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.duckdb.DuckDBResultSet;

/** DuckDB, in memory: another reader and writer of Parquet. Confined to one thread. */
final class DuckDb implements AutoCloseable {
  private static final List<String> CODECS =
      List.of("uncompressed", "snappy", "gzip", "zstd", "lz4_raw");

  private final Connection connection;

  private DuckDb(Connection connection) {
    this.connection = connection;
  }

  static DuckDb open() {
    try {
      DuckDb duck = new DuckDb(DriverManager.getConnection("jdbc:duckdb:"));
      duck.execute("SET threads = 1");
      duck.execute("SET TimeZone = 'UTC'");
      return duck;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /**
   * Reads a file as rows of {@code schema}, whose columns are found by name, in the form of {@link
   * #shown}.
   */
  List<Object> read(Path file, Schema schema, BufferAllocator allocator) {
    String sql = "SELECT * FROM read_parquet('%s')".formatted(file);
    try (Statement statement = connection.createStatement();
        DuckDBResultSet result = (DuckDBResultSet) statement.executeQuery(sql);
        ArrowReader batches = (ArrowReader) result.arrowExportStream(allocator, 1000)) {
      List<Object> rows = new ArrayList<>();
      Schema exported = exported(schema);
      while (batches.loadNextBatch()) {
        rows.addAll(Shown.all(ArrowRows.rows(batches.getVectorSchemaRoot(), exported, batches)));
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many rows of the file there are of which {@code where} is true. */
  long count(Path file, String where) {
    String sql = "SELECT count(*) FROM read_parquet('%s') WHERE %s".formatted(file, where);
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** A value in SQL; null for those that SQL compares otherwise than Java does, or not. */
  static String literal(Type type, Object value) {
    if (value == null) {
      return null;
    }
    return switch (type.typeId()) {
      case BOOLEAN, INTEGER, LONG -> "CAST('%s' AS %s)".formatted(value, sqlType(type));
      case DECIMAL -> "CAST('%s' AS %s)".formatted(((BigDecimal) value).toPlainString(), type);
      case DATE, UUID -> "CAST('%s' AS %s)".formatted(value, type);
      case STRING -> ((String) value).indexOf(0) >= 0 ? null : quoted((String) value);
      default -> null;
    };
  }

  private static String sqlType(Type type) {
    return type.typeId() == Type.TypeID.LONG ? "BIGINT" : type.toString();
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Rows as {@link #read} shows them: DuckDB exports a uuid as text. */
  static List<Object> shown(GeneratedTable table) {
    return table.shown().stream().map(DuckDb::exported).toList();
  }

  private static Object exported(Object value) {
    if (value instanceof UUID) {
      return value.toString();
    } else if (value instanceof List<?> list) {
      return list.stream().map(DuckDb::exported).collect(Collectors.toCollection(ArrayList::new));
    } else if (value instanceof Map<?, ?> map) {
      Map<Object, Object> converted = new HashMap<>();
      map.forEach((k, v) -> converted.put(exported(k), exported(v)));
      return converted;
    }
    return value;
  }

  private static Schema exported(Schema schema) {
    return new Schema(exported(schema.asStruct()).asStructType().fields());
  }

  private static Type exported(Type type) {
    return switch (type.typeId()) {
      case UUID -> Types.StringType.get();
      case STRUCT ->
          Types.StructType.of(
              type.asStructType().fields().stream()
                  .map(f -> NestedField.from(f).ofType(exported(f.type())).build())
                  .toList());
      case LIST -> {
        Types.ListType list = type.asListType();
        Type element = exported(list.elementType());
        yield list.isElementOptional()
            ? Types.ListType.ofOptional(list.elementId(), element)
            : Types.ListType.ofRequired(list.elementId(), element);
      }
      case MAP -> {
        Types.MapType map = type.asMapType();
        Type key = exported(map.keyType());
        Type value = exported(map.valueType());
        yield map.isValueOptional()
            ? Types.MapType.ofOptional(map.keyId(), map.valueId(), key, value)
            : Types.MapType.ofRequired(map.keyId(), map.valueId(), key, value);
      }
      default -> type;
    };
  }

  /** Copies a Parquet file into one that DuckDB encodes, with random settings. */
  void copy(Path from, Path to, Schema schema, Random random) {
    execute(
        "COPY (SELECT * FROM read_parquet('%s')) TO '%s' (FORMAT parquet, CODEC '%s', ROW_GROUP_SIZE %d, PARQUET_VERSION %s%s)"
            .formatted(
                from,
                to,
                CODECS.get(random.nextInt(CODECS.size())),
                random.nextBoolean() ? 2048 : 100_000,
                random.nextBoolean() ? "v1" : "v2",
                random.nextBoolean() ? ", FIELD_IDS " + ids(schema.columns()) : ""));
  }

  /** Copies a Parquet file into one that DuckDB encodes, with field ids and pages of a version. */
  void copy(Path from, Path to, Schema schema, String codec, int version) {
    execute(
        "COPY (SELECT * FROM read_parquet('%s')) TO '%s' (FORMAT parquet, CODEC '%s', PARQUET_VERSION v%d, FIELD_IDS %s)"
            .formatted(from, to, codec, version, ids(schema.columns())));
  }

  private static String ids(List<NestedField> fields) {
    return fields.stream()
        .map(field -> field.name() + ": " + id(field))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String id(NestedField field) {
    Type type = field.type();
    if (type.isPrimitiveType()) {
      return Integer.toString(field.fieldId());
    }
    String children = ids(type.asNestedType().fields());
    return "{__duckdb_field_id: " + field.fieldId() + ", " + children.substring(1);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
