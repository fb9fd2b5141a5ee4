package dev.firn.compaction;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactionTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.optional(3, "part", Types.IntegerType.get()));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Record rec(long id) {
    return row(SCHEMA, id, "n" + id, (int) (id % 3));
  }

  private static List<List<Object>> rows(Table table, String... columns) {
    table.refresh();
    ScanRequest request =
        new ScanRequest(
            new SnapshotSelector.Current(),
            List.of(columns),
            Expressions.alwaysTrue(),
            ScanRequest.NO_LIMIT);
    List<List<Object>> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator(64 << 20);
        CloseableIterable<Record> cursor = new TableScanner(table).read(request, allocator)) {
      for (Record each : cursor) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < each.size(); i++) {
          values.add(each.get(i));
        }
        rows.add(values);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return rows;
  }

  private static List<Object> ids(Table table) {
    List<Object> ids = new ArrayList<>();
    rows(table, "id").forEach(row -> ids.add(row.get(0)));
    return ids;
  }

  private static List<FileScanTask> tasks(Table table) {
    table.refresh();
    List<FileScanTask> tasks = new ArrayList<>();
    table.newScan().planFiles().forEach(tasks::add);
    return tasks;
  }

  private static int deleteFiles(Table table) {
    table.refresh();
    return Integer.parseInt(table.currentSnapshot().summary().get("total-delete-files"));
  }

  private static List<String> dataFilesOnDisk(Table table) {
    return TableFixture.files(table, "data");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void mergesSmallFilesIntoOneAndThenHasNothingToDo(int version) {
    Table table = fixture.create(SCHEMA, version);
    append(table, rec(1), rec(2));
    append(table, rec(3));
    append(table, rec(4));

    CompactionPlan plan = Compaction.of(table).plan();
    CompactionResult result = Compaction.of(table).run();

    assertThat(plan.groups()).hasSize(1);
    assertThat(plan.groups().get(0).files()).isEqualTo(3);
    assertThat(plan.groups().get(0).outputFiles()).isEqualTo(1);
    assertThat(result.filesBefore()).isEqualTo(3);
    assertThat(result.filesAfter()).isEqualTo(1);
    assertThat(result.rowsWritten()).isEqualTo(4);
    assertThat(result.bytesBefore()).isEqualTo(plan.groups().get(0).bytes());
    assertThat(result.snapshotId()).hasValue(table.currentSnapshot().snapshotId());
    assertThat(tasks(table)).hasSize(1);
    assertThat(ids(table)).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    assertThat(Compaction.of(table).plan().groups()).isEmpty();
    assertThat(Compaction.of(table).run()).isEqualTo(CompactionResult.nothing(0));
  }

  @Test
  void anEmptyTableHasNothingToDo() {
    Table table = fixture.create(SCHEMA, 2);

    assertThat(Compaction.of(table).plan().groups()).isEmpty();
    assertThat(Compaction.of(table).run().snapshotId()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void deletedRowsAndTheirDeleteFilesAreGone(int version) {
    Table table = fixture.create(SCHEMA, version);
    DataFile first = append(table, rec(1), rec(2), rec(3)).get(0);
    DataFile second = append(table, rec(4), rec(5)).get(0);
    deleteRows(table, first, 0);
    deleteRows(table, second, 1);
    deleteEqual(table, SCHEMA.select("name"), null, row(SCHEMA.select("name"), "n3"));

    CompactionResult result = Compaction.of(table).run();

    assertThat(ids(table)).containsExactlyInAnyOrder(2L, 4L);
    assertThat(result.rowsWritten()).isEqualTo(2);
    assertThat(result.deleteFilesRemoved()).isEqualTo(3);
    assertThat(deleteFiles(table)).isZero();
  }

  @Test
  void deleteFilesThatOtherFilesStillNeedStay() {
    Table table =
        fixture.create(SCHEMA, PartitionSpec.builderFor(SCHEMA).identity("part").build(), 2);
    table.updateSpec().removeField("part").commit();
    append(table, row(SCHEMA, 1L, "x", 0), row(SCHEMA, 2L, "y", 0));
    append(table, row(SCHEMA, 3L, "x", 1), row(SCHEMA, 4L, "y", 1));
    append(table, row(SCHEMA, 5L, "x", 9), row(SCHEMA, 6L, "y", 9));
    deleteEqual(table, SCHEMA.select("name"), null, row(SCHEMA.select("name"), "x"));

    CompactionResult result = Compaction.of(table).where(Expressions.lessThan("part", 5)).run();

    assertThat(result.filesBefore()).isEqualTo(2);
    assertThat(result.deleteFilesRemoved()).isZero();
    assertThat(ids(table)).containsExactlyInAnyOrder(2L, 4L, 6L);
    Compaction.of(table).everything().run();
    assertThat(ids(table)).containsExactlyInAnyOrder(2L, 4L, 6L);
    assertThat(deleteFiles(table)).isZero();
  }

  @Test
  void aFileWithoutLiveRowsGoesWithoutAReplacement() {
    Table table = fixture.create(SCHEMA, 3);
    DataFile file = append(table, rec(1), rec(2)).get(0);
    deleteRows(table, file, 0, 1);

    CompactionResult result = Compaction.of(table).run();

    assertThat(result.filesBefore()).isEqualTo(1);
    assertThat(result.filesAfter()).isZero();
    assertThat(tasks(table)).isEmpty();
    assertThat(deleteFiles(table)).isZero();
  }

  @Test
  void rowLineageIsKept() {
    Table table = fixture.create(SCHEMA, 3);
    DataFile first = append(table, rec(1), rec(2)).get(0);
    append(table, rec(3));
    deleteRows(table, first, 0);
    List<List<Object>> before = rows(table, "id", "_row_id", "_last_updated_sequence_number");

    Compaction.of(table).run();
    append(table, rec(4));
    Compaction.of(table).run();

    assertThat(before).containsExactlyInAnyOrder(List.of(2L, 1L, 1L), List.of(3L, 2L, 2L));
    assertThat(rows(table, "id", "_row_id", "_last_updated_sequence_number"))
        .containsAll(before)
        .hasSize(3)
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aDeleteThatLandsBeforeTheCommitIsCarriedOverToTheOutput(int version) {
    Table table = fixture.create(SCHEMA, version);
    DataFile first = append(table, rec(1), rec(2)).get(0);
    append(table, rec(3));
    AtomicInteger calls = new AtomicInteger();

    CompactionResult result =
        Compaction.of(table)
            .beforeCommit(
                () -> {
                  if (calls.getAndIncrement() == 0) {
                    deleteRows(fixture.reload(table), first, 1);
                  }
                })
            .run();

    assertThat(result.conflictsRetried()).isEqualTo(1);
    assertThat(result.rowsRebased()).isEqualTo(1);
    assertThat(result.rowsWritten()).isEqualTo(3);
    assertThat(ids(table)).containsExactlyInAnyOrder(1L, 3L);
    assertThat(tasks(table)).hasSize(1);
    assertThat(tasks(table).get(0).deletes()).hasSize(1);
    assertThat(deleteFiles(table)).isEqualTo(1);
    assertThat(table.currentSnapshot().operation()).isEqualTo("replace");
    assertThat(table.currentSnapshot().summary())
        .containsEntry("firn.rewrite.rows-rebased", "1")
        .containsEntry("firn.rewrite.schema-id", "0")
        .hasEntrySatisfying("firn.rewrite.content-hash", hash -> assertThat(hash).startsWith("3:"));
    assertNoUnreachableDataFiles(table);
  }

  @Test
  void noSourceIsReadAgain() {
    Table table =
        fixture.create(SCHEMA, PartitionSpec.builderFor(SCHEMA).identity("part").build(), 3);
    List<DataFile> files = append(table, rec(0), rec(1), rec(3), rec(4));
    append(table, rec(6), rec(7));
    AtomicInteger calls = new AtomicInteger();
    AtomicLong rowsRead = new AtomicLong();

    CompactionResult result =
        Compaction.of(table)
            .progress((bytes, total, rows) -> rowsRead.set(rows))
            .beforeCommit(
                () -> {
                  if (calls.getAndIncrement() == 0) {
                    deleteRows(fixture.reload(table), files.get(0), 0);
                  }
                })
            .run();

    assertThat(rowsRead).hasValue(6);
    assertThat(result.filesBefore()).isEqualTo(4);
    assertThat(result.filesAfter()).isEqualTo(2);
    assertThat(ids(table)).containsExactlyInAnyOrder(1L, 3L, 4L, 6L, 7L);
    assertNoUnreachableDataFiles(table);
  }

  @Test
  void anUpsertByEqualityThatLandsBeforeTheCommitIsNotUndone() {
    // With the starting sequence number, Iceberg 1.11.0 drops the equality delete in this commit.
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1), rec(2));
    append(table, rec(3));
    AtomicInteger calls = new AtomicInteger();

    CompactionResult result =
        Compaction.of(table)
            .beforeCommit(
                () -> {
                  if (calls.getAndIncrement() == 0) {
                    Table other = fixture.reload(table);
                    deleteEqual(other, SCHEMA.select("id"), null, row(SCHEMA.select("id"), 2L));
                    append(other, row(SCHEMA, 2L, "again", 2));
                  }
                })
            .run();

    assertThat(result.conflictsRetried()).isEqualTo(1);
    assertThat(rows(table, "id", "name"))
        .containsExactlyInAnyOrder(List.of(1L, "n1"), List.of(3L, "n3"), List.of(2L, "again"));
  }

  @Test
  void equalityDeletesAfterTheCommitApplyToTheOutput() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1), rec(2));
    append(table, rec(3));
    Compaction.of(table).run();

    deleteEqual(table, SCHEMA.select("id"), null, row(SCHEMA.select("id"), 2L));

    assertThat(ids(table)).containsExactlyInAnyOrder(1L, 3L);
  }

  @Test
  void equalityDeletesOfAnOlderSpecAreNotEscapedByMovingToTheCurrentOne() {
    Table table =
        fixture.create(SCHEMA, PartitionSpec.builderFor(SCHEMA).identity("part").build(), 2);
    DataFile old = append(table, row(SCHEMA, 1L, "a", 0), row(SCHEMA, 2L, "b", 0)).get(0);
    append(table, row(SCHEMA, 3L, "c", 0));
    table.updateSpec().addField(Expressions.bucket("id", 2)).commit();
    AtomicInteger calls = new AtomicInteger();

    CompactionResult result =
        Compaction.of(table)
            .beforeCommit(
                () -> {
                  if (calls.getAndIncrement() == 0) {
                    deleteEqual(
                        fixture.reload(table),
                        SCHEMA.select("id"),
                        old,
                        row(SCHEMA.select("id"), 2L));
                  }
                })
            .run();

    assertThat(result.conflictsRetried()).isEqualTo(1);
    assertThat(ids(table)).containsExactlyInAnyOrder(1L, 3L);
    assertThat(tasks(table))
        .allSatisfy(task -> assertThat(task.file().specId()).isEqualTo(table.spec().specId()));
  }

  @Test
  void aSourceThatIsReplacedMeanwhileIsLeftOut() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile first = append(table, rec(1), rec(2)).get(0);
    append(table, rec(3));
    append(table, rec(4));
    AtomicInteger calls = new AtomicInteger();

    CompactionResult result =
        Compaction.of(table)
            .beforeCommit(
                () -> {
                  if (calls.getAndIncrement() == 0) {
                    fixture.reload(table).newDelete().deleteFile(first).commit();
                  }
                })
            .run();

    assertThat(result.filesBefore()).isEqualTo(2);
    assertThat(ids(table)).containsExactlyInAnyOrder(3L, 4L);
    assertNoUnreachableDataFiles(table);
  }

  @Test
  void aWriterThatIsFasterEveryTimeDelaysItAndNoMore() {
    Table table = fixture.create(SCHEMA, 3);
    DataFile first =
        append(table, rec(1), rec(2), rec(3), rec(4), rec(5), rec(6), rec(7), rec(8)).get(0);
    append(table, rec(9));
    AtomicInteger calls = new AtomicInteger();

    CompactionResult result =
        Compaction.of(table)
            .beforeCommit(
                () -> {
                  if (calls.get() < 7) {
                    deleteRows(fixture.reload(table), first, calls.getAndIncrement());
                  }
                })
            .run();

    assertThat(result.conflictsRetried()).isEqualTo(7);
    assertThat(result.rowsRebased()).isEqualTo(7);
    assertThat(ids(table)).containsExactlyInAnyOrder(8L, 9L);
    assertThat(tasks(table)).hasSize(1);
    assertNoUnreachableDataFiles(table);
  }

  @Test
  void aFailureLeavesNoFilesBehind() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1));
    DataFile second = append(table, rec(2)).get(0);
    long before = table.currentSnapshot().snapshotId();
    table.io().deleteFile(second.location());

    assertThatThrownBy(() -> Compaction.of(table).run())
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining(second.location());

    table.refresh();
    assertThat(table.currentSnapshot().snapshotId()).isEqualTo(before);
    assertThat(dataFilesOnDisk(table)).hasSize(1);
  }

  @Test
  void aWrongRowCountInTheMetadataStopsIt() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1));
    DataFile real =
        TableFixture.write(table, org.apache.iceberg.FileFormat.PARQUET, List.of(rec(2))).get(0);
    DataFile lying =
        org.apache.iceberg.DataFiles.builder(table.spec())
            .copy(real)
            .withMetrics(new org.apache.iceberg.Metrics(2L))
            .build();
    table.newAppend().appendFile(lying).commit();

    assertThatThrownBy(() -> Compaction.of(table).run())
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining("expected 2, got 1")
        .hasMessageContaining("nothing was committed");
    assertNoUnreachableDataFiles(table);
  }

  @Test
  void anUnknownColumnInTheFilterIsRefused() {
    Table table = fixture.create(SCHEMA, 2);

    assertThatThrownBy(() -> Compaction.of(table).where(Expressions.equal("nane", "x")).plan())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("did you mean name");
  }

  /** Every file under data/ is referred to by some snapshot. */
  private static void assertNoUnreachableDataFiles(Table table) {
    table.refresh();
    List<String> reachable = new ArrayList<>();
    for (Snapshot snapshot : table.snapshots()) {
      table
          .newScan()
          .useSnapshot(snapshot.snapshotId())
          .planFiles()
          .forEach(
              task -> {
                reachable.add(task.file().location());
                for (DeleteFile delete : task.deletes()) {
                  reachable.add(delete.location());
                }
              });
    }
    assertThat(reachable).containsAll(dataFilesOnDisk(table));
  }
}
