package dev.firn.compaction.policy;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.compaction.Compaction;
import dev.firn.compaction.maintain.Retention;
import dev.firn.compaction.stats.StatisticsUpdate;
import dev.firn.testing.TableFixture;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthReaderTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.optional(3, "at", Types.TimestampType.withZone()),
          Types.NestedField.optional(4, "day", Types.DateType.get()));

  private final TableFixture fixture = TableFixture.open();
  private final HealthReader reader = new HealthReader();

  @AfterEach
  void close() {
    fixture.close();
  }

  private TableHealth read(Table table) {
    table.refresh();
    return reader.read(
        "shop.t", table, ((HasTableOperations) table).operations().current(), Instant.now());
  }

  private static Record record(long id) {
    return row(
        SCHEMA,
        id,
        id % 4 == 3 ? null : "n" + id % 4,
        OffsetDateTime.of(2026, (int) (1 + id % 3), 4, 5, 0, 0, 0, ZoneOffset.UTC),
        LocalDate.of(2026, (int) (1 + id % 3), 7));
  }

  @Test
  void emptyTableHasNothing() {
    TableHealth health = read(fixture.create(SCHEMA, PartitionSpec.unpartitioned(), 2));

    assertThat(health.snapshotId()).isEmpty();
    assertThat(health.files()).isZero();
  }

  @Test
  void filesAndDeletesAreCountedAndOnlyNewManifestsRead() throws Exception {
    Table table = fixture.create(SCHEMA, PartitionSpec.unpartitioned(), 2);
    for (int i = 0; i < 3; i++) {
      append(table, record(10L * i), record(10L * i + 1));
    }
    TableHealth before = read(table);
    assertThat(before.files()).isEqualTo(3);
    assertThat(before.smallFiles()).isEqualTo(3);
    assertThat(before.rows()).isEqualTo(6);
    assertThat(before.deleteFiles()).isZero();

    FileScanTask first = table.newScan().planFiles().iterator().next();
    deleteRows(table, first.file(), 0);
    Schema id = SCHEMA.select("id");
    deleteEqual(table, id, null, row(id, 11L));
    TableHealth after = read(table);

    assertThat(after.deleteFiles()).isEqualTo(2);
    assertThat(after.equalityDeletes()).isEqualTo(1);
    assertThat(after.partitions().get(0).deletedRows()).isEqualTo(1);
    assertThat(read(table).partitions()).isEqualTo(after.partitions());
  }

  @Test
  void positionDeletesVectorsAndDanglingOnesAreToldApart() throws Exception {
    PartitionSpec spec = PartitionSpec.builderFor(SCHEMA).identity("name").build();
    Table table = fixture.create(SCHEMA, spec, 2);
    // Of another partition, and so old that the delete file is not forgotten by itself.
    append(table, record(0));
    DataFile first = append(table, record(1), record(5)).get(0);
    deleteRows(table, first, 0);
    assertThat(read(table).positionDeletes()).isEqualTo(1);
    assertThat(read(table).danglingPartitions()).isZero();

    DataFile second = append(table, record(9), record(13)).get(0);
    table.newDelete().deleteFile(first).commit();
    assertThat(read(table).danglingPartitions()).isEqualTo(1);

    table.updateProperties().set("format-version", "3").commit();
    deleteRows(table, second, 0);
    TableHealth health = read(table);
    assertThat(health.deleteFiles()).isEqualTo(2);
    assertThat(health.positionDeletes()).isEqualTo(1);
  }

  @Test
  void oldestRowIsToldByTheBoundsOfTheRetentionsColumn() throws Exception {
    Table table = fixture.create(SCHEMA, PartitionSpec.unpartitioned(), 2);
    append(table, record(0), record(1));
    assertThat(read(table).oldestRow()).isEmpty();

    retain(table, "at");
    assertThat(read(table).oldestRow()).contains(Instant.parse("2026-01-04T05:00:00Z"));
    retain(table, "day");
    assertThat(read(table).oldestRow()).contains(Instant.parse("2026-01-08T00:00:00Z"));
    append(table, row(SCHEMA, 1L, null, null, LocalDate.of(1969, 12, 30)));
    assertThat(read(table).oldestRow()).contains(Instant.parse("1969-12-31T00:00:00Z"));
    retain(table, "at");
    assertThat(read(table).oldestRow()).contains(Instant.parse("2026-01-04T05:00:00Z"));

    table.updateProperties().set("write.metadata.metrics.default", "none").commit();
    append(table, record(2));
    assertThat(read(table).oldestRow()).contains(Instant.MIN);
    retain(table, "name");
    assertThatThrownBy(() -> read(table)).hasMessageContaining("expected a date or timestamp");
  }

  private static void retain(Table table, String column) {
    table.updateProperties().set(Retention.COLUMN, column).set(Retention.AGE, "30d").commit();
  }

  @Test
  void statisticsAgeByRowsThatCameAndWent() throws Exception {
    Table table = fixture.create(SCHEMA, PartitionSpec.unpartitioned(), 2);
    DataFile first =
        append(table, LongStream.range(0, 8).mapToObj(id -> record(id)).toArray(Record[]::new))
            .get(0);
    assertThat(read(table).changedSinceStatistics()).isEmpty();
    assertThat(StatisticsUpdate.of(table).run().rows()).isEqualTo(8);
    assertThat(read(table).changedSinceStatistics()).hasValue(0);
    deleteRows(table, first, 0);
    assertThat(read(table).changedSinceStatistics()).hasValue(1 / 8.0);
    append(table, record(8), record(9));
    assertThat(read(table).changedSinceStatistics()).hasValue(3 / 10.0);
    assertThat(Compaction.of(table).run().snapshotId()).isPresent();
    assertThat(read(table).changedSinceStatistics()).hasValue(3 / 9.0);
    table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).commit();
    assertThat(read(table).changedSinceStatistics()).isEmpty();
  }

  /** A compaction of one partition takes its files and no others. */
  @Test
  void filterOfAPartitionSelectsItsFiles() throws Exception {
    List<PartitionSpec> specs =
        List.of(
            PartitionSpec.builderFor(SCHEMA).identity("name").build(),
            PartitionSpec.builderFor(SCHEMA).day("at").build(),
            PartitionSpec.builderFor(SCHEMA).month("at").build(),
            PartitionSpec.builderFor(SCHEMA).hour("at").build(),
            PartitionSpec.builderFor(SCHEMA).month("day").build(),
            PartitionSpec.builderFor(SCHEMA).year("day").identity("name").build());
    for (PartitionSpec spec : specs) {
      Table table = fixture.create(SCHEMA, spec, 2);
      for (int round = 0; round < 2; round++) {
        append(table, LongStream.range(0, 12).mapToObj(id -> record(id)).toArray(Record[]::new));
      }
      TableHealth health = read(table);
      assertThat(health.files()).isEqualTo(2L * health.partitions().size());
      assertThat(health.partitions()).hasSizeGreaterThan(1);
      for (PartitionHealth partition : health.partitions()) {
        List<String> found = new ArrayList<>();
        table
            .newScan()
            .filter(partition.filter())
            .planFiles()
            .forEach(task -> found.add(task.spec().partitionToPath(task.file().partition())));
        assertThat(found)
            .as(spec.toString())
            .hasSize((int) partition.files())
            .containsOnly(partition.path());
      }
    }
  }

  @Test
  void compactionOfAPartitionTakesItsFilesAlone() {
    PartitionSpec spec = PartitionSpec.builderFor(SCHEMA).day("at").identity("name").build();
    Table table = fixture.create(SCHEMA, spec, 2);
    for (int round = 0; round < 2; round++) {
      append(table, LongStream.range(0, 12).mapToObj(id -> record(id)).toArray(Record[]::new));
    }
    PartitionHealth one = read(table).partitions().get(0);

    assertThat(Compaction.of(table).where(one.filter()).run().filesBefore())
        .isEqualTo((int) one.files());
  }
}
