package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Appends, deletes, overwrites and compactions at once, through handles of their own, of two
 * lakehouses on one directory: what was acknowledged holds, what failed did not happen.
 */
class ConcurrentWritersTest {
  private static final String NAME = "a.t";
  private static final long SEEDED = 100;
  private static final int ROUNDS = 6;
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  record Row(long id) {}

  @TempDir private Path directory;
  private final Set<Long> appended = new ConcurrentSkipListSet<>();
  private final Set<Long> deleted = new ConcurrentSkipListSet<>();
  private final AtomicInteger writing = new AtomicInteger();
  private Lakehouse one;
  private Lakehouse two;

  @BeforeEach
  void open() {
    one = Lakehouse.open(directory.resolve("lake"));
    two = Lakehouse.open(directory.resolve("lake"));
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  @Test
  void evolvesThoughOthersCommitMeanwhile() {
    one.createTable(NAME, SCHEMA);
    AtomicInteger attempts = new AtomicInteger();

    one.table(NAME)
        .evolve()
        .change(
            update -> {
              if (attempts.getAndIncrement() == 0) {
                append(two.table(NAME), 0, 1);
              }
              update.addColumn("c", Types.LongType.get());
            })
        .commit();

    assertThat(attempts).hasValue(2);
    assertThat(one.table(NAME).schema().columns()).hasSize(2);
    assertThat(one.table(NAME).scan().count()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void keepsWhatWasAcknowledged(int version) throws Exception {
    long seed = Long.getLong("firn.writers.seed", 1);
    System.out.println("ConcurrentWritersTest -Dfirn.writers.seed=" + seed);
    one.createTable(NAME, SCHEMA, t -> t.formatVersion(version));
    append(one.table(NAME), 0, SEEDED);
    List<Callable<Integer>> work = new ArrayList<>();
    work.add(() -> write(() -> appends(one.table(NAME), 1_000)));
    work.add(() -> write(() -> appends(two.table(NAME), 2_000)));
    work.add(() -> write(() -> deletes(one.table(NAME), new Random(seed), 0)));
    work.add(() -> write(() -> deletes(two.table(NAME), new Random(seed + 1), 1)));
    work.add(() -> write(() -> overwrites(two.table(NAME))));
    writing.set(work.size());
    work.add(() -> compactions(one.table(NAME)));
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    int applied = 0;
    try {
      for (Future<Integer> each : pool.invokeAll(work)) {
        applied += each.get();
      }
    } finally {
      pool.shutdown();
    }
    check(version);
    // The appends can always be applied.
    assertThat(applied).isGreaterThanOrEqualTo(ROUNDS);
  }

  private int write(Callable<Integer> work) throws Exception {
    try {
      return work.call();
    } finally {
      writing.decrementAndGet();
    }
  }

  private void check(int version) {
    Set<Long> expected = new TreeSet<>(appended);
    expected.removeAll(deleted);
    for (Lakehouse lake : List.of(one, two)) {
      List<Long> ids = new ArrayList<>();
      List<Object> rowIds = new ArrayList<>();
      LakeScan scan = lake.table(NAME).scan();
      for (Record row : (version < 3 ? scan : scan.select("id", "_row_id")).toList()) {
        ids.add((Long) row.get(0));
        rowIds.add(row.get(row.size() - 1));
      }
      assertThat(ids).doesNotHaveDuplicates();
      assertThat(new TreeSet<>(ids)).isEqualTo(expected);
      assertThat(rowIds).doesNotContainNull().doesNotHaveDuplicates();
    }
  }

  private void append(LakeTable table, long from, long to) {
    try (TableWriter writer = table.append()) {
      List<Long> ids = new ArrayList<>();
      for (long id = from; id < to; id++) {
        writer.write(new Row(id));
        ids.add(id);
      }
      writer.commit();
      appended.addAll(ids);
    }
  }

  private int appends(LakeTable table, long base) {
    int applied = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long from = base + round * 10L;
      applied += attempt(() -> append(table, from, from + 10));
    }
    return applied;
  }

  /** Each deleter has ids of its own, so that an acknowledged delete is of a row that was there. */
  private int deletes(LakeTable table, Random random, int which) {
    int applied = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long id = random.nextInt(20) * 2L + which;
      applied +=
          attempt(
              () -> {
                table.delete(equal("id", id));
                deleted.add(id);
              });
    }
    return applied;
  }

  private int overwrites(LakeTable table) {
    int applied = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long old = 50L + round;
      applied +=
          attempt(
              () -> {
                try (TableWriter writer = table.overwrite(equal("id", old))) {
                  writer.write(new Row(old + 3_000));
                  writer.commit();
                }
                deleted.add(old);
                appended.add(old + 3_000);
              });
    }
    return applied;
  }

  private int compactions(LakeTable table) {
    int applied = 0;
    do {
      applied += attempt(() -> table.compact().run());
    } while (writing.get() > 0);
    return applied;
  }

  /** A loser must have lost for a reason that says to try again. */
  private static int attempt(Runnable change) {
    try {
      change.run();
      return 1;
    } catch (FirnException e) {
      assertThat(e.kind()).as(e.toString()).isIn(ErrorKind.CONFLICT, ErrorKind.UNAVAILABLE);
      return 0;
    }
  }
}
