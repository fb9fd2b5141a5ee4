package dev.firn.compaction.commit;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.ForwardingOperations;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RewriteCommitTest {
  private static final Schema KEY = OtherWriters.SCHEMA.select("id");

  private final TableFixture fixture = TableFixture.open();
  private final BufferAllocator memory = new RootAllocator(64 << 20);
  private final List<String> recorded = new ArrayList<>();
  private final FileRegistrar registrar =
      new FileRegistrar() {
        @Override
        public void creating(List<String> locations) {
          recorded.addAll(locations);
        }

        @Override
        public void removed(Collection<String> locations) {
          recorded.removeAll(locations);
        }
      };

  @AfterEach
  void close() {
    memory.close();
    fixture.close();
  }

  private static Record rec(long id) {
    return row(OtherWriters.SCHEMA, id, "n" + id, 0);
  }

  private static List<DataFile> appendIds(Table table, long... ids) {
    List<Record> rows = new ArrayList<>();
    for (long id : ids) {
      rows.add(rec(id));
    }
    return append(table, rows.toArray(Record[]::new));
  }

  private static Set<Long> ids(Table table) throws IOException {
    table.refresh();
    Set<Long> ids = new TreeSet<>();
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
      rows.forEach(row -> assertThat(ids.add((Long) row.get(0))).isTrue());
    }
    return ids;
  }

  private static List<FileScanTask> tasks(Table table) {
    table.refresh();
    List<FileScanTask> tasks = new ArrayList<>();
    table.newScan().planFiles().forEach(tasks::add);
    return tasks;
  }

  private RewriteCommit commit(Table table) {
    table.refresh();
    return RewriteCommit.of(table, table.currentSnapshot(), memory, registrar);
  }

  private static Rewritten rewrite(Table table, int outputs) {
    return RewriteForTest.of(table, tasks(table), outputs, new Random(5));
  }

  @Test
  void equalityDeletesAreCarriedOverInAReplaceThatCopiesOneOfThem() throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, 3);
    appendIds(table, 1, 2, 3);
    appendIds(table, 4, 5);
    Table other = fixture.reload(table);
    List<String> came = new ArrayList<>();
    RewriteCommit commit =
        commit(table)
            .beforeRound(
                () -> {
                  if (came.isEmpty()) {
                    came.add(deleteEqual(other, KEY, null, row(KEY, 2L), row(KEY, 9L)).location());
                    appendIds(other, 2, 9);
                  }
                });

    RewriteCommit.Committed committed = commit.commit(List.of(rewrite(table, 1)));

    assertThat(ids(table)).containsExactly(1L, 2L, 3L, 4L, 5L, 9L);
    assertThat(committed.rowsRebased()).isEqualTo(1);
    assertThat(committed.conflicts()).isEqualTo(1);
    assertThat(table.currentSnapshot().operation()).isEqualTo("replace");
    SnapshotChanges changes =
        SnapshotChanges.builderFor(table).snapshot(table.currentSnapshot()).build();
    assertThat(changes.removedDeleteFiles())
        .extracting(DeleteFile::location)
        .containsExactlyElementsOf(came);
    assertThat(changes.addedDeleteFiles())
        .hasSize(2)
        .extracting(DeleteFile::location)
        .doesNotContainAnyElementsOf(came);
    assertThat(recorded).hasSize(2);
    // Expiry takes what was replaced, and none of what is needed.
    table
        .expireSnapshots()
        .expireOlderThan(System.currentTimeMillis() + 1000)
        .retainLast(1)
        .commit();
    assertThat(ids(table)).containsExactly(1L, 2L, 3L, 4L, 5L, 9L);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aSourceThatWentTakesItsRowsAlong(int version) throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, version);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    appendIds(table, 4, 5);
    RewriteCommit commit = commit(table);
    Rewritten rewritten = rewrite(table, 1);
    fixture.reload(table).newDelete().deleteFile(first).commit();

    RewriteCommit.Committed committed = commit.commit(List.of(rewritten));

    assertThat(ids(table)).containsExactly(4L, 5L);
    assertThat(committed.sources()).isEqualTo(1);
    assertThat(committed.rowsRebased()).isEqualTo(3);
    assertThat(tasks(table)).hasSize(1);
    assertNothingMissing(table);
  }

  /** As Spark's compaction may leave its outputs, which equality deletes then still apply to. */
  @Test
  void anEqualityDeleteStaysForAFileOfTheSourcesAge() throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, 2);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    appendIds(table, 4, 5);
    deleteEqual(table, KEY, null, row(KEY, 2L));
    Table other = fixture.reload(table);
    List<DataFile> came = new ArrayList<>();
    RewriteCommit commit =
        commit(table)
            .beforeRound(
                () -> {
                  if (came.isEmpty()) {
                    came.addAll(
                        TableFixture.write(
                            other, FileFormat.PARQUET, List.of(rec(1), rec(2), rec(3))));
                    other
                        .newRewrite()
                        .deleteFile(first)
                        .addFile(came.get(0))
                        .dataSequenceNumber(1)
                        .commit();
                  }
                });

    RewriteCommit.Committed committed = commit.commit(List.of(rewrite(table, 1)));

    assertThat(committed.conflicts()).isEqualTo(1);
    assertThat(ids(table)).containsExactly(1L, 3L, 4L, 5L);
  }

  @Test
  void deleteFilesThatNobodyNeedsGoByThemselves() throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, 2);
    DeleteFile unneeded = deleteEqual(table, KEY, null, row(KEY, 9L));
    appendIds(table, 1, 9);
    RewriteCommit commit = commit(table);
    fixture.reload(table).rewriteManifests().clusterBy(file -> "").commit();

    RewriteCommit.Committed committed = commit.commit(List.of(), List.of(unneeded));

    assertThat(committed.deleteFiles()).isEqualTo(1);
    assertThat(ids(table)).containsExactly(1L, 9L);
    assertThat(table.currentSnapshot().deleteManifests(table.io()))
        .noneMatch(manifest -> manifest.hasAddedFiles() || manifest.hasExistingFiles());
  }

  @Test
  void onFormatVersionOneAGroupWhoseSourceWentIsLeftAsItIs() throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, 1);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    appendIds(table, 4, 5);
    RewriteCommit commit = commit(table);
    Rewritten rewritten = rewrite(table, 1);
    fixture.reload(table).newDelete().deleteFile(first).commit();

    assertThat(commit.commit(List.of(rewritten)).snapshotId()).isEmpty();

    assertThat(ids(table)).containsExactly(4L, 5L);
    assertGone(table, rewritten);
  }

  @Test
  void whereEverySourceWentNothingIsCommittedOrLeft() throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, 3);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    RewriteCommit commit = commit(table);
    Rewritten rewritten = rewrite(table, 2);
    Table other = fixture.reload(table);
    other.newDelete().deleteFile(first).commit();
    appendIds(other, 7);

    assertThat(commit.commit(List.of(rewritten)).snapshotId()).isEmpty();

    assertThat(ids(table)).containsExactly(7L);
    assertThat(table.currentSnapshot().operation()).isEqualTo("append");
    assertGone(table, rewritten);
  }

  @Test
  void anOutputWhoseRowsAllDiedIsNotAdded() throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, 3);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    RewriteCommit commit = commit(table);
    Rewritten rewritten = rewrite(table, 1);
    deleteRows(fixture.reload(table), first, 0, 1, 2);

    RewriteCommit.Committed committed = commit.commit(List.of(rewritten));

    assertThat(committed.sources()).isEqualTo(1);
    assertThat(committed.outputs()).isZero();
    assertThat(tasks(table)).isEmpty();
    assertGone(table, rewritten);
  }

  @Test
  void aSourceThatWasTouchedByNobodyIsNeverLookedUp() {
    Table table = fixture.create(OtherWriters.SCHEMA, 3);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    appendIds(table, 4, 5);
    AtomicInteger round = new AtomicInteger();
    Rewritten rewritten = rewrite(table, 1);

    RewriteCommit.Committed committed =
        commit(table)
            .beforeRound(
                () -> {
                  if (round.get() < 3) {
                    deleteRows(fixture.reload(table), first, round.getAndIncrement());
                  }
                })
            .commit(List.of(rewritten));

    assertThat(committed.conflicts()).isEqualTo(3);
    // One look-up for each lost round: each has one more row of one source.
    assertThat(((RewriteForTest) rewritten.rows()).looks()).isEqualTo(3);
  }

  @Test
  void aRollbackMeanwhileIsAConflictThatLeavesNothing() throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, 3);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    long before = table.currentSnapshot().snapshotId();
    deleteRows(table, first, 0);
    RewriteCommit commit = commit(table);
    Rewritten rewritten = rewrite(table, 1);
    fixture.reload(table).manageSnapshots().rollbackTo(before).commit();

    assertThatThrownBy(() -> commit.commit(List.of(rewritten)))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT))
        .hasMessageContaining("rolled back");

    assertThat(ids(table)).containsExactly(1L, 2L, 3L);
    assertGone(table, rewritten);
  }

  @Test
  void itGivesUpAfterTheTimeGivenAndLeavesNothing() {
    Table table = fixture.create(OtherWriters.SCHEMA, 3);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    RewriteCommit commit =
        commit(table)
            .givingUpAfter(Duration.ZERO)
            .beforeRound(() -> deleteRows(fixture.reload(table), first, 1));
    Rewritten rewritten = rewrite(table, 1);

    assertThatThrownBy(() -> commit.commit(List.of(rewritten)))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT))
        .hasMessageContaining("nothing was changed and nothing is lost");

    assertThat(recorded).isEmpty();
    assertGone(table, rewritten);
  }

  /** Operations whose commits are applied or not, and then fail. */
  private static final class Failing extends ForwardingOperations {
    private final boolean applies;
    private final AtomicBoolean armed;
    private final Throwable failure;

    Failing(TableOperations operations, boolean applies, AtomicBoolean armed, Throwable failure) {
      super(operations);
      this.applies = applies;
      this.armed = armed;
      this.failure = failure;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
      if (!armed.get() || applies) {
        super.commit(base, metadata);
      }
      if (armed.get()) {
        throw sneaky(failure);
      }
    }

    @SuppressWarnings("unchecked") // the compiler takes it for an unchecked one
    private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
      throw (E) failure;
    }
  }

  private Table failing(Table table, boolean applies, AtomicBoolean armed, Throwable failure) {
    TableOperations operations = ((HasTableOperations) fixture.reload(table)).operations();
    return new BaseTable(new Failing(operations, applies, armed, failure), table.name());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whereTheOutcomeIsUnknownNothingIsRemoved(boolean applied) throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, 3);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    AtomicBoolean armed = new AtomicBoolean();
    CommitStateUnknownException unknown =
        new CommitStateUnknownException(new IOException("no answer"));
    Table ours = failing(table, applied, armed, unknown);
    RewriteCommit commit = commit(ours);
    Rewritten rewritten = rewrite(ours, 1);
    deleteRows(table, first, 0);
    armed.set(true);

    assertThatThrownBy(() -> commit.commit(List.of(rewritten)))
        .isInstanceOfSatisfying(
            FirnException.class,
            e -> assertThat(e.kind()).isEqualTo(ErrorKind.COMMIT_STATE_UNKNOWN))
        .hasMessageContaining("firn.operation-id=");

    assertThat(ids(table)).containsExactly(2L, 3L);
    assertThat(tasks(table).get(0).file().location().equals(first.location())).isEqualTo(!applied);
    assertThat(rewritten.outputs())
        .allSatisfy(file -> assertThat(table.io().newInputFile(file.location()).exists()).isTrue());
    assertThat(recorded).hasSize(1);
    assertNothingMissing(table);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCrashInTheSwapLeavesNoReachableFileMissing(boolean applied) throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, 2);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    AtomicBoolean armed = new AtomicBoolean();
    Table ours = failing(table, applied, armed, new OutOfMemoryError("as if killed"));
    RewriteCommit commit = commit(ours);
    Rewritten rewritten = rewrite(ours, 1);
    deleteRows(table, first, 0);
    armed.set(true);

    assertThatThrownBy(() -> commit.commit(List.of(rewritten)))
        .isInstanceOf(OutOfMemoryError.class);

    assertThat(ids(table)).containsExactly(2L, 3L);
    assertNothingMissing(table);
  }

  /** On a catalog without turns, a commit goes on until it falls between two of the others'. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void itWinsAgainstAWriterThatDeletesTwentyTimesASecond(int version) throws Exception {
    Table table = fixture.create(OtherWriters.SCHEMA, version);
    table.updateProperties().set("commit.retry.num-retries", "20").commit();
    Set<Long> expected = new TreeSet<>();
    List<DataFile> files = new ArrayList<>();
    for (long file = 0; file < 4; file++) {
      long[] ids = new long[100];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = file * 100 + i;
        expected.add(ids[i]);
      }
      files.addAll(appendIds(table, ids));
    }
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger deletes = new AtomicInteger();
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      RewriteCommit commit = commit(table);
      Table other = fixture.reload(table);
      Future<?> deleter =
          pool.submit(
              () -> {
                for (int i = 0; i < 100 && !stop.get() && delete(other, files.get(i % 4), i); i++) {
                  expected.remove((long) (i % 4) * 100 + i);
                  deletes.incrementAndGet();
                  LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                }
                return null;
              });
      Rewritten rewritten = rewrite(table, 2);
      while (deletes.get() < 3 && !deleter.isDone()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }

      RewriteCommit.Committed committed = commit.commit(List.of(rewritten));

      stop.set(true);
      deleter.get();
      assertThat(committed.snapshotId()).isPresent();
      assertThat(committed.rowsRebased()).isGreaterThanOrEqualTo(3);
      assertThat(ids(table)).isEqualTo(expected);
    } finally {
      pool.shutdown();
    }
  }

  /** As a writer does that looks where its rows are; returns false where the file has gone. */
  private static boolean delete(Table table, DataFile file, long position) {
    for (FileScanTask task : tasks(table)) {
      if (task.file().location().equals(file.location())) {
        long base = table.currentSnapshot().snapshotId();
        try (RowDeleteWriter writer = RowDeleteWriter.open(table)) {
          writer.delete(task, position);
          RowDeleteWriter.Result result = writer.complete();
          RowDelta delta =
              table
                  .newRowDelta()
                  .validateFromSnapshot(base)
                  .validateDataFilesExist(result.referencedDataFiles())
                  .validateDeletedFiles();
          result.added().forEach(delta::addDeletes);
          result.superseded().forEach(delta::removeDeletes);
          delta.commit();
          return true;
        } catch (ValidationException e) {
          return false;
        }
      }
    }
    return false;
  }

  private static void assertGone(Table table, Rewritten rewritten) {
    assertThat(rewritten.outputs()).isNotEmpty();
    assertThat(TableFixture.files(table, "data"))
        .doesNotContainAnyElementsOf(rewritten.outputs().stream().map(DataFile::location).toList());
  }

  private static void assertNothingMissing(Table table) {
    table.refresh();
    for (Snapshot snapshot : table.snapshots()) {
      for (FileScanTask task : table.newScan().useSnapshot(snapshot.snapshotId()).planFiles()) {
        assertThat(table.io().newInputFile(task.file().location()).exists()).isTrue();
        task.deletes()
            .forEach(
                file -> assertThat(table.io().newInputFile(file.location()).exists()).isTrue());
      }
    }
  }
}
