package dev.firn.compaction;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.testing.TableFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a run may spend, how it ends, and in which order rows come out. */
class CompactionOptionsTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "x", Types.IntegerType.get()),
          Types.NestedField.required(3, "part", Types.IntegerType.get()));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Two small files in each of three partitions. */
  private Table partitioned() {
    Table table =
        fixture.create(SCHEMA, PartitionSpec.builderFor(SCHEMA).identity("part").build(), 3);
    for (long id = 0; id < 6; id += 3) {
      append(table, row(SCHEMA, id, 1, 0), row(SCHEMA, id + 1, 2, 1), row(SCHEMA, id + 2, 3, 2));
    }
    return table;
  }

  private static List<FileScanTask> tasks(Table table) throws Exception {
    table.refresh();
    List<FileScanTask> tasks = new ArrayList<>();
    try (CloseableIterable<FileScanTask> plan = table.newScan().includeColumnStats().planFiles()) {
      plan.forEach(tasks::add);
    }
    return tasks;
  }

  private static Set<Object> ids(Table table) throws Exception {
    table.refresh();
    Set<Object> ids = new HashSet<>();
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
      rows.forEach(row -> assertThat(ids.add(row.getField("id"))).isTrue());
    }
    return ids;
  }

  private static int snapshots(Table table) {
    table.refresh();
    List<Object> all = new ArrayList<>();
    table.snapshots().forEach(all::add);
    return all.size();
  }

  @Test
  void aBudgetOfBytesTakesWhatGainsMostAndSaysWhatIsLeft() throws Exception {
    Table table = partitioned();
    long group = Compaction.of(table).plan().groups().get(0).bytes();

    Compaction budgeted = Compaction.of(table).maxBytes(group * 5 / 2);
    assertThat(budgeted.plan().groups()).hasSize(2);
    assertThat(budgeted.plan().groupsLeft()).isEqualTo(1);
    CompactionResult result = budgeted.run();

    assertThat(result.groups()).isEqualTo(2);
    assertThat(result.groupsLeft()).isEqualTo(1);
    assertThat(tasks(table)).hasSize(4);
    assertThat(budgeted.run().groupsLeft()).isZero();
    assertThat(Compaction.of(table).plan().groups()).isEmpty();
  }

  @Test
  void partialProgressCommitsEachGroup() throws Exception {
    Table table = partitioned();
    int before = snapshots(table);

    CompactionResult result = Compaction.of(table).partialProgress(1).run();

    assertThat(result.commits()).isEqualTo(3);
    assertThat(result.filesBefore()).isEqualTo(6);
    assertThat(result.filesAfter()).isEqualTo(3);
    assertThat(result.snapshotId()).hasValue(tableHead(table));
    assertThat(snapshots(table)).isEqualTo(before + 3);
    assertThat(ids(table)).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L);
  }

  private static long tableHead(Table table) {
    table.refresh();
    return table.currentSnapshot().snapshotId();
  }

  @Test
  void anInterruptedRunKeepsWhatItCommittedAndLeavesNoOtherFiles() throws Exception {
    Table table = partitioned();
    long group = Compaction.of(table).plan().groups().get(0).bytes();

    CompactionResult result =
        Compaction.of(table)
            .partialProgress(1)
            .progress(
                (done, total, rows) -> {
                  if (done > group * 3 / 2) {
                    Thread.currentThread().interrupt();
                  }
                })
            .run();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.groups()).isEqualTo(1);
    assertThat(result.groupsLeft()).isEqualTo(2);
    assertThat(tasks(table)).hasSize(5);
    assertThat(TableFixture.files(table, "data")).hasSize(7);
    assertThat(ids(table)).hasSize(6);
  }

  @Test
  void aBudgetOfTimeEndsARunBetweenGroups() throws Exception {
    Table table = partitioned();

    CompactionResult result = Compaction.of(table).maxDuration(Duration.ofNanos(1)).run();

    assertThat(result.groups()).isZero();
    assertThat(result.groupsLeft()).isEqualTo(3);
    assertThat(tasks(table)).hasSize(6);
  }

  @Test
  void aFileWithoutLiveRowsIsDroppedUnread() throws Exception {
    Table table = partitioned();
    DataFile dead = tasks(table).get(0).file();
    deleteRows(table, dead, 0);
    // Whoever reads it now fails.
    table.io().deleteFile(dead.location());

    CompactionPlan plan = Compaction.of(table).minInputFiles(9).plan();
    CompactionResult result = Compaction.of(table).minInputFiles(9).run();

    assertThat(plan.groups()).hasSize(1);
    assertThat(plan.groups().get(0).reason())
        .isEqualTo("All rows of 1 file are deleted: it goes without being read.");
    assertThat(result.filesBefore()).isEqualTo(1);
    assertThat(result.filesAfter()).isZero();
    assertThat(result.deleteFilesRemoved()).isEqualTo(1);
    assertThat(ids(table)).hasSize(5);
  }

  @Test
  void rowsAreLaidAlongACurveOnce() throws Exception {
    Table table = fixture.create(SCHEMA, 3);
    fill(table, 4);
    List<String> columns = List.of("id", "x");
    Compaction hilbert = Compaction.of(table).targetFileSizeBytes(8_000).hilbertBy(columns);
    Set<Object> before = ids(table);

    assertThat(hilbert.run().filesAfter()).isGreaterThan(2);
    assertThat(ids(table)).isEqualTo(before);
    assertThat(tasks(table))
        .allSatisfy(task -> assertThat(task.file().sortOrderId()).isIn(null, 0));
    assertThat(hilbert.plan().groups()).isEmpty();
    assertThat(Compaction.of(table).zOrderBy(columns).plan().groups()).hasSize(1);
    append(table, row(SCHEMA, -1L, 1, 1));
    assertThat(hilbert.plan().groups().get(0).reason()).contains("hilbert[id, x]");
  }

  @Test
  void rowsAreSortedOnceAndOnlyTheTablesOrderIsNamed() throws Exception {
    Table table = fixture.create(SCHEMA, 3);
    fill(table, 3);
    SortOrder byX = SortOrder.builderFor(SCHEMA).asc("x").build();

    Compaction.of(table).targetFileSizeBytes(8_000).sortBy(byX).run();
    assertThat(tasks(table)).allSatisfy(t -> assertThat(t.file().sortOrderId()).isIn(null, 0));
    table.replaceSortOrder().asc("id").commit();
    Compaction sorted = Compaction.of(table).targetFileSizeBytes(8_000).sorted();
    sorted.run();

    int id = table.sortOrder().orderId();
    assertThat(tasks(table))
        .hasSizeGreaterThan(1)
        .allSatisfy(task -> assertThat(task.file().sortOrderId()).isEqualTo(id));
    assertThat(sorted.plan().groups()).isEmpty();
    assertThat(ids(table)).hasSize(3_000);
  }

  /** Files of a thousand rows each, in no order. */
  private static void fill(Table table, int files) {
    Random random = new Random(7);
    for (int f = 0; f < files; f++) {
      Record[] rows = new Record[1000];
      for (int i = 0; i < rows.length; i++) {
        long id = ((i * 7919L) % 1000) * files + f;
        rows[i] = row(SCHEMA, id, random.nextInt(1_000_000), 0);
      }
      append(table, rows);
    }
  }

  @Test
  void orderThatCannotBeIsRefused() {
    Table table = partitioned();

    assertThatThrownBy(() -> Compaction.of(table).sorted().plan())
        .hasMessageContaining("an order was asked for, but none is given and the table has none");
    assertThatThrownBy(() -> Compaction.of(table).zOrderBy(List.of("id", "nowhere")).plan())
        .hasMessageContaining("there is no column 'nowhere'");
    assertThatThrownBy(() -> Compaction.of(table).hilbertBy(List.of("id")).plan())
        .hasMessageContaining("a curve goes through 2 to 8 columns, got 1");
    assertThatThrownBy(() -> Compaction.of(table).maxBytes(0))
        .hasMessageContaining("the most bytes must be positive, got 0");
  }
}
