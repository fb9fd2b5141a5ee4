package dev.firn.it;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.firn.LakeTable;
import dev.firn.TableWriter;
import dev.firn.compaction.stats.StatisticsResult;
import dev.firn.testing.SparkProcess;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.iceberg.BlobMetadata;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Spark counts the same distinct values, and plans by those that we counted. */
@ExtendWith(SparkProcess.Shared.class)
class SparkStatisticsIT {
  private static final int ROWS = 20_000;
  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(2, "flag", Types.BooleanType.get()),
          optional(3, "n", Types.IntegerType.get()),
          optional(4, "f", Types.FloatType.get()),
          optional(5, "d", Types.DoubleType.get()),
          optional(6, "small", Types.DecimalType.of(9, 2)),
          optional(7, "large", Types.DecimalType.of(38, 10)),
          optional(8, "day", Types.DateType.get()),
          optional(9, "local", Types.TimestampType.withoutZone()),
          optional(10, "at", Types.TimestampType.withZone()),
          optional(11, "name", Types.StringType.get()),
          optional(12, "bytes", Types.BinaryType.get()));

  @TempDir static Path directory;
  private static SharedLake shared;

  @BeforeAll
  static void open(SparkProcess spark) {
    shared = SharedLake.onSqlite(spark, directory);
  }

  @AfterAll
  static void close() {
    shared.close();
  }

  private static LakeTable create(String name, int version) {
    LakeTable table =
        shared.lake().createTable(name, SCHEMA, t -> t.formatVersion(version).partitionBy("flag"));
    try (TableWriter writer = table.append()) {
      for (int i = 0; i < ROWS; i++) {
        writer.write(record(writer.schema(), i));
      }
      writer.commit();
    }
    // Takes the only rows of some values.
    table.delete(equal("n", 7));
    return table;
  }

  private static Record record(Schema schema, int i) {
    Record row = GenericRecord.create(schema);
    row.setField("id", (long) i);
    if (i % 13 == 0) {
      return row;
    }
    LocalDateTime time = LocalDateTime.of(1969, 12, 1, 3, 0).plusMinutes(i % 3_000 * 61L);
    row.setField("flag", i % 3 == 0);
    row.setField("n", i % 1_000 - 500);
    row.setField("f", i % 700 / 7f);
    row.setField("d", i % 800 / 9.0 - 3);
    row.setField("small", BigDecimal.valueOf(i % 900 - 450, 2));
    row.setField(
        "large",
        new BigDecimal("12345678901234567890").add(BigDecimal.valueOf(i % 99)).setScale(10));
    row.setField("day", LocalDate.of(1969, 12, 1).plusDays(i % 100));
    row.setField("local", time);
    row.setField("at", time.atOffset(ZoneOffset.UTC));
    row.setField("name", i % 17 == 0 ? "" : "näme " + i % 2_000);
    row.setField("bytes", ByteBuffer.wrap(new byte[] {(byte) i, 2, (byte) (i % 5)}));
    return row;
  }

  private static Map<String, Long> counts(LakeTable of) {
    Table table = of.iceberg();
    Map<String, Long> counts = new TreeMap<>();
    for (StatisticsFile file : table.statisticsFiles()) {
      assertThat(file.snapshotId()).isEqualTo(table.currentSnapshot().snapshotId());
      for (BlobMetadata blob : file.blobMetadata()) {
        String column = table.schema().findColumnName(blob.fields().get(0));
        counts.put(column, Long.valueOf(blob.properties().get("ndv")));
      }
    }
    return counts;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void sparkCountsTheSame(int version) {
    String name = "it.counted" + version;
    LakeTable table = create(name, version);
    StatisticsResult result = table.computeStatistics().run();
    Map<String, Long> ours = counts(table);
    assertThat(result.rows()).isLessThan(ROWS);
    assertThat(ours).hasSize(SCHEMA.columns().size());

    shared.spark("call %s.system.compute_table_stats(table => '" + name + "')");

    Map<String, Long> theirs = counts(table);
    assertThat(table.iceberg().statisticsFiles().get(0).path())
        .isNotEqualTo(result.statisticsFile());
    // Beyond 4,096 values both estimate; what is within that is exact.
    assertThat(ours.remove("id")).isCloseTo(result.rows(), within(result.rows() / 20));
    assertThat(theirs.remove("id")).isCloseTo(result.rows(), within(result.rows() / 20));
    assertThat(ours).isEqualTo(theirs).containsEntry("flag", 2L).containsEntry("large", 99L);

    shared.spark("call %s.system.compute_partition_stats(table => '" + name + "')");
    assertThat(table.iceberg().partitionStatisticsFiles())
        .extracting(PartitionStatisticsFile::path)
        .as("Spark finds ours, and leaves them")
        .containsExactly(result.partitionFile());
  }

  @Test
  void sparkPlansByOurCounts() {
    LakeTable table = create("it.planned", 3);
    shared.spark("set spark.sql.cbo.enabled=true");
    try {
      // One of about 2,000 names: Spark expects a 2,000th of the rows.
      String query = "explain cost select id from %s.it.planned where name = 'none'";
      Pattern few = Pattern.compile("Filter .*rowCount=1[01]\\)");
      assertThat(shared.spark(query).toString()).doesNotContainPattern(few);
      table.computeStatistics().columns(List.of("name")).run();
      assertThat(counts(table)).containsOnlyKeys("name");
      assertThat(shared.spark(query).toString()).containsPattern(few);
    } finally {
      shared.spark("set spark.sql.cbo.enabled=false");
    }
  }
}
