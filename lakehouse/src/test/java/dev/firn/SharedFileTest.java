package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.in;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Writers that change rows of one data file at once: those of disjoint rows do not conflict. */
class SharedFileTest extends TransactionFixture {
  private static final String NAME = "a.x";
  private static final int ROWS = 400;

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void deletesOfDisjointRowsBothSucceed(int version) throws Exception {
    create(version, NAME);
    append(NAME, 1, 2, 3, 4);

    assertThat(runs(() -> {}, tx -> tx.delete(equal("id", 2L)), () -> delete(3))).isEqualTo(1);

    assertThat(ids(NAME)).containsExactly(1L, 4L);
    assertOneVectorPerFile(version);
    lake.close();
    assertNothingUnreachable(NAME);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void deletesOfTheSameRowBothSucceed(int version) {
    create(version, NAME);
    append(NAME, 1, 2, 3, 4);

    assertThat(runs(() -> {}, tx -> tx.delete(in("id", 2L, 3L)), () -> delete(3, 4))).isEqualTo(1);

    assertThat(ids(NAME)).containsExactly(1L);
  }

  @Test
  void deletesMeetVectorsThatWereThereBefore() {
    create(3, NAME);
    append(NAME, 1, 2, 3, 4, 5);

    assertThat(runs(() -> delete(1), tx -> tx.delete(equal("id", 2L)), () -> delete(3)))
        .isEqualTo(1);
    assertThat(ids(NAME)).containsExactly(4L, 5L);
  }

  @ParameterizedTest
  @CsvSource({"2, snapshot", "3, snapshot", "2, serializable", "3, serializable"})
  void replacementsOfDisjointRowsBothSucceed(int version, String isolation) {
    create(version, NAME);
    other.table(NAME).setProperties(Map.of("write.delete.isolation-level", isolation));
    append(NAME, 1, 2, 3, 4);

    assertThat(runs(() -> delete(1), tx -> overwrite(tx, 2), () -> replace(3))).isEqualTo(1);

    assertThat(ids(NAME)).containsExactly(2L, 3L, 4L);
  }

  @ParameterizedTest
  @CsvSource({"2, snapshot", "3, snapshot", "2, serializable", "3, serializable"})
  void replacementOfARowThatIsGoneIsDoneAgain(int version, String isolation) {
    create(version, NAME);
    other.table(NAME).setProperties(Map.of("write.delete.isolation-level", isolation));
    append(NAME, 1, 2, 3, 4);

    assertThat(runs(() -> {}, tx -> overwrite(tx, 2), () -> delete(2))).isEqualTo(2);
    assertThat(runs(() -> {}, tx -> overwrite(tx, 3), () -> replace(3))).isEqualTo(2);
    assertThat(runs(() -> {}, tx -> tx.delete(equal("id", 4L)), () -> replace(4))).isEqualTo(2);

    assertThat(ids(NAME)).containsExactly(1L, 2L, 3L);
  }

  @Test
  void deletesThatShareAFileByPartitionAreComparedRowByRow() {
    create(2, NAME);
    other.table(NAME).setProperties(Map.of("write.delete.granularity", "partition"));
    append(NAME, 1, 2, 3, 4);
    append(NAME, 5, 6, 7, 8);

    assertThat(runs(() -> delete(1, 5), tx -> tx.delete(in("id", 2L, 6L)), () -> delete(3, 7)))
        .isEqualTo(1);
    assertThat(runs(() -> {}, tx -> overwrite(tx, 4), () -> delete(8))).isEqualTo(1);
    append(NAME, 9, 10, 11);
    assertThat(runs(() -> {}, tx -> overwrite(tx, 10), () -> delete(9, 10))).isEqualTo(2);

    assertThat(ids(NAME)).containsExactly(4L, 10L, 11L);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void filesThatGoWholeMayHaveNewMarks(int version) {
    create(version, NAME);
    append(NAME, 1, 2);

    assertThat(runs(() -> {}, tx -> tx.delete(in("id", 1L, 2L)), () -> delete(2))).isEqualTo(1);

    assertThat(ids(NAME)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void manyWritersOfOneFileEndAsTheyWereTold(int version) throws Exception {
    long seed = Long.getLong("firn.shared.seed", 1);
    System.out.println("SharedFileTest -Dfirn.shared.seed=" + seed);
    create(version, NAME);
    append(NAME, LongStream.range(0, ROWS).toArray());
    Set<Long> deleted = new ConcurrentSkipListSet<>();
    Map<Long, AtomicInteger> moved = new ConcurrentHashMap<>();
    List<Callable<Void>> work = new ArrayList<>();
    for (int writer = 0; writer < 6; writer++) {
      Random random = new Random(seed * 31 + writer);
      LakeTable table = (writer % 2 == 0 ? lake : other).table(NAME);
      int kind = writer / 2;
      work.add(
          () -> {
            for (int round = 0; round < 5; round++) {
              change(table, random, kind, deleted, moved);
            }
            return null;
          });
    }
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      for (Future<Void> each : pool.invokeAll(work)) {
        each.get();
      }
    } finally {
      pool.shutdown();
    }
    check(deleted, moved, "seed " + seed);
    assertOneVectorPerFile(version);
    lake.close();
    assertNothingUnreachable(NAME);
  }

  /** Two thirds delete, one third replaces a row by another of a number of its own. */
  private static void change(
      LakeTable table, Random random, int kind, Set<Long> deleted, Map<Long, AtomicInteger> moved) {
    try {
      if (kind < 2) {
        long from = random.nextInt(ROWS - 3);
        table.delete(in("id", from, from + 1, from + 3));
        deleted.addAll(Set.of(from, from + 1, from + 3));
        return;
      }
      long id = random.nextInt(ROWS);
      try (TableWriter writer = table.overwrite(equal("id", id))) {
        writer.write(new Row(ROWS + id, "moved"));
        writer.commit();
      }
      deleted.add(id);
      moved.computeIfAbsent(ROWS + id, any -> new AtomicInteger()).incrementAndGet();
    } catch (FirnException e) {
      assertThat(e.kind()).as(e.toString()).isEqualTo(ErrorKind.CONFLICT);
    }
  }

  private void check(Set<Long> deleted, Map<Long, AtomicInteger> moved, String seed)
      throws Exception {
    List<Long> expected = new ArrayList<>();
    LongStream.range(0, ROWS).filter(id -> !deleted.contains(id)).forEach(expected::add);
    moved.forEach((id, times) -> LongStream.range(0, times.get()).forEach(i -> expected.add(id)));
    expected.sort(null);
    List<Long> firn =
        other.table(NAME).scan().toList().stream().map(row -> (Long) row.get(0)).sorted().toList();
    List<Long> iceberg = new ArrayList<>();
    try (CloseableIterable<Record> rows =
        IcebergGenerics.read(other.table(NAME).iceberg()).build()) {
      rows.forEach(row -> iceberg.add((Long) row.get(0)));
    }
    iceberg.sort(null);
    assertThat(firn).as(seed).isEqualTo(expected);
    assertThat(iceberg).as(seed).isEqualTo(expected);
  }

  private void assertOneVectorPerFile(int version) throws Exception {
    if (version < 3) {
      return;
    }
    try (CloseableIterable<FileScanTask> tasks =
        other.table(NAME).iceberg().newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        assertThat(task.deletes()).hasSizeLessThanOrEqualTo(1);
      }
    }
  }

  private interface InTransaction {
    void run(TransactionTable table);
  }

  /** Returns how often a transaction ran that {@code meanwhile} comes before, once. */
  private int runs(Runnable before, InTransaction work, Runnable meanwhile) {
    before.run();
    AtomicInteger runs = new AtomicInteger();
    lake.transact(
        tx -> {
          work.run(tx.table(NAME));
          if (runs.incrementAndGet() == 1) {
            meanwhile.run();
          }
        });
    return runs.get();
  }

  private void delete(long... ids) {
    Set<Long> all = new TreeSet<>();
    LongStream.of(ids).forEach(all::add);
    other.table(NAME).delete(in("id", all));
  }

  private void replace(long id) {
    try (TableWriter writer = other.table(NAME).overwrite(equal("id", id))) {
      writer.write(new Row(id, "replaced"));
      writer.commit();
    }
  }
}
