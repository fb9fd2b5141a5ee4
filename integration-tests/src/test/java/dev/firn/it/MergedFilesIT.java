package dev.firn.it;

import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.greaterThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.isNull;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.apache.iceberg.expressions.Expressions.startsWith;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.ScanCursor;
import dev.firn.TableWriter;
import dev.firn.testing.SparkProcess;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files that a compaction merged are read by Iceberg, Spark and DuckDB, whose column indexes,
 * statistics and dictionaries skip no row that a filter wants.
 */
@ExtendWith(SparkProcess.Shared.class)
class MergedFilesIT {
  private static final int FILES = 12;
  private static final int ROWS = 400;

  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(2, "kind", Types.StringType.get()),
          optional(3, "text", Types.StringType.get()),
          optional(4, "day", Types.DateType.get()),
          optional(5, "amount", Types.DecimalType.of(12, 2)),
          optional(6, "x", Types.DoubleType.get()),
          optional(7, "n", Types.IntegerType.get()));

  /** A filter, as Iceberg and as SQL has it. */
  private record Filter(Expression expression, String sql) {}

  private static final List<Filter> FILTERS =
      List.of(
          new Filter(
              and(greaterThanOrEqual("id", 1234L), lessThan("id", 1300L)),
              "id >= 1234 and id < 1300"),
          new Filter(equal("id", 3999L), "id = 3999"),
          new Filter(equal("kind", "kind 3"), "kind = 'kind 3'"),
          new Filter(isNull("kind"), "kind is null"),
          new Filter(startsWith("text", "text of 77"), "text like 'text of 77%'"),
          new Filter(
              and(greaterThan("day", "2026-03-01"), lessThan("day", "2026-03-04")),
              "day > date '2026-03-01' and day < date '2026-03-04'"),
          new Filter(lessThan("amount", new BigDecimal("-9.50")), "amount < -9.50"),
          new Filter(and(greaterThan("x", 1e6), lessThan("x", 1e9)), "x > 1e6 and x < 1e9"),
          new Filter(and(equal("n", 7), greaterThan("id", 2000L)), "n = 7 and id > 2000"));

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"2, zstd", "3, zstd", "3, snappy"})
  void filtersFindWhatAFullScanFinds(int version, String codec, SparkProcess spark)
      throws Exception {
    try (SharedLake lake = SharedLake.onSqlite(spark, directory)) {
      LakeTable table =
          lake.lake()
              .createTable(
                  "merged.rows",
                  SCHEMA,
                  t ->
                      t.formatVersion(version)
                          .property(TableProperties.PARQUET_COMPRESSION, codec)
                          .property(TableProperties.PARQUET_PAGE_ROW_LIMIT, "50")
                          .property(TableProperties.PARQUET_DICT_SIZE_BYTES, "16384"));
      for (int file = 0; file < FILES; file++) {
        append(table, file);
      }
      List<String> before = lake.agreed(table);

      assertThat(table.compact().run().filesBefore()).isEqualTo(FILES);

      assertThat(lake.agreed(table)).isEqualTo(before).hasSize(FILES * ROWS);
      Map<Filter, List<Long>> wanted = wanted(table);
      for (Filter filter : FILTERS) {
        List<Long> expected = wanted.get(filter);
        assertThat(firn(table, filter)).as("Firn: " + filter.sql()).isEqualTo(expected);
        assertThat(generic(table, filter)).as("Iceberg: " + filter.sql()).isEqualTo(expected);
        assertThat(spark(lake, filter)).as("Spark: " + filter.sql()).isEqualTo(expected);
        assertThat(duckDb(table, filter)).as("DuckDB: " + filter.sql()).isEqualTo(expected);
      }
    }
  }

  private static void append(LakeTable table, int file) {
    try (TableWriter writer = table.append()) {
      for (int i = 0; i < ROWS; i++) {
        int id = file * ROWS + i;
        Record row = GenericRecord.create(SCHEMA);
        row.setField("id", (long) id);
        row.setField("kind", i % 9 == 0 ? null : "kind " + id % 7);
        row.setField("text", file == 4 ? null : "text of " + Integer.reverse(id) + " and " + id);
        row.setField("day", LocalDate.of(2026, 1, 1).plusDays(id / 40));
        row.setField("amount", new BigDecimal(id % 3000 - 1000).movePointLeft(2));
        row.setField("x", i == 5 ? Double.NaN : i % 50 == 7 ? 2e6 + id : id / 3.0);
        row.setField("n", file % 3 == 0 ? (Integer) 7 : file % 3 == 1 ? null : (Integer) (i % 20));
        writer.write(row);
      }
      writer.commit();
    }
  }

  /** By a full scan, and DuckDB's own evaluation of values that no file's statistics are near. */
  private static Map<Filter, List<Long>> wanted(LakeTable table) throws SQLException {
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement()) {
      statement.execute(
          "create table t (id bigint, kind varchar, text varchar, day date, amount decimal(12, 2), x double, n int)");
      duckDb.setAutoCommit(false);
      try (var insert = duckDb.prepareStatement("insert into t values (?, ?, ?, ?, ?, ?, ?)");
          ScanCursor all = table.scan().open()) {
        for (Record row : all) {
          for (int column = 0; column < row.size(); column++) {
            insert.setObject(column + 1, row.get(column));
          }
          insert.addBatch();
        }
        insert.executeBatch();
      }
      Map<Filter, List<Long>> wanted = new HashMap<>();
      for (Filter filter : FILTERS) {
        wanted.put(
            filter, ids(statement, "select id from t where " + filter.sql() + " order by id"));
      }
      return wanted;
    }
  }

  private static List<Long> ids(Statement statement, String sql) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        ids.add(found.getLong(1));
      }
    }
    return ids;
  }

  private static List<Long> firn(LakeTable table, Filter filter) {
    List<Long> ids = new ArrayList<>();
    try (ScanCursor cursor = table.scan().where(filter.expression()).select("id").open()) {
      for (Record row : cursor) {
        ids.add((Long) row.getField("id"));
      }
    }
    return ids.stream().sorted().toList();
  }

  private static List<Long> generic(LakeTable table, Filter filter) throws IOException {
    List<Long> ids = new ArrayList<>();
    try (CloseableIterable<Record> rows =
        IcebergGenerics.read(table.iceberg()).where(filter.expression()).build()) {
      rows.forEach(row -> ids.add((Long) row.getField("id")));
    }
    return ids.stream().sorted().toList();
  }

  private static List<Long> spark(SharedLake lake, Filter filter) {
    return lake.spark("select id from %s.merged.rows where " + filter.sql()).stream()
        .map(row -> Long.parseLong(row.replaceAll("[^0-9-]", "")))
        .sorted()
        .toList();
  }

  private static List<Long> duckDb(LakeTable table, Filter filter)
      throws IOException, SQLException {
    List<String> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = table.iceberg().newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        DataFile file = task.file();
        files.add("'" + file.location().replaceFirst("^file:(//)?", "") + "'");
      }
    }
    String from = files.stream().collect(Collectors.joining(", ", "read_parquet([", "])"));
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement()) {
      return ids(statement, "select id from " + from + " where " + filter.sql() + " order by id");
    }
  }
}
