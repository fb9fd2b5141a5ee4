package dev.firn.compaction.erase;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.compaction.verify.Finding;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writers that commit all the time, to the very files, do not keep rows from being erased. */
class EraseBesideWritersTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "who", Types.StringType.get()));

  private static final Expression WHERE = equal("who", "x");
  private static final int FILES = 3;
  private static final int ROWS = 100;

  record Row(long id, String who) {}

  @TempDir private Path directory;
  private Lakehouse lake;
  private Lakehouse other;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
    other = Lakehouse.open(directory.resolve("lake"));
  }

  @AfterEach
  void close() {
    lake.close();
    other.close();
  }

  private LakeTable table(int version) {
    LakeTable table = lake.createTable("a.t", SCHEMA, t -> t.formatVersion(version).key("id"));
    for (int file = 0; file < FILES; file++) {
      append(table, (long) file * ROWS, ROWS);
    }
    return table;
  }

  private static void append(LakeTable table, long first, int rows) {
    try (TableWriter writer = table.append()) {
      for (long id = first; id < first + rows; id++) {
        writer.write(new Row(id, id % 4 == 0 ? "x" : "w" + id));
      }
      writer.commit();
    }
  }

  private static Map<Long, String> rows(LakeTable table) {
    Map<Long, String> rows = new TreeMap<>();
    for (Record row : table.scan().toList()) {
      assertThat(rows.put((Long) row.get(0), (String) row.get(1))).isNull();
    }
    return rows;
  }

  /** Deletes a row of the files that are to be rewritten, and adds one. */
  private static void step(LakeTable table, long step) {
    if (step < ROWS) {
      table.delete(equal("id", deleted(step)));
    }
    append(table, added(step), 1);
  }

  private static long deleted(long step) {
    return step % FILES * ROWS + step;
  }

  private static long added(long step) {
    return 100_001 + step * 4;
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 2})
  void isNotStarved(int version) throws Exception {
    LakeTable table = table(version);
    Map<Long, String> expected = rows(table);
    expected.values().removeIf("x"::equals);
    AtomicLong steps = new AtomicLong();
    ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    ErasureReport report;
    try {
      LakeTable beside = other.table("a.t");
      Future<?> writing =
          thread.scheduleWithFixedDelay(
              () -> step(beside, steps.getAndIncrement()), 0, 100, TimeUnit.MILLISECONDS);
      report = table.erase(WHERE).run();
      assertThat(writing.isDone()).as("the writer failed").isFalse();
    } finally {
      thread.shutdown();
      assertThat(thread.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
    for (long step = 0; step < steps.get(); step++) {
      if (step < ROWS) {
        expected.remove(deleted(step));
      }
      expected.put(added(step), "w" + added(step));
    }

    assertThat(report.remaining()).isEmpty();
    assertThat(report.isProven()).isTrue();
    assertThat(rows(table)).isEqualTo(expected);
    assertThat(table.verify().allSnapshots().deep().run().findings())
        .filteredOn(found -> found.severity() == Finding.Severity.ERROR)
        .isEmpty();
  }

  /** Rows are written anew once, however many commits come first. */
  @Test
  void whatWasWrittenIsNotWrittenAgain() {
    LakeTable table = table(3);
    LakeTable beside = other.table("a.t");
    int[] rounds = new int[1];

    ErasureReport report =
        table
            .erase(WHERE)
            .before(
                () -> {
                  if (rounds[0]++ < 9) {
                    beside.delete(equal("id", 4L * rounds[0] + 1));
                  }
                },
                () -> {})
            .run();

    assertThat(rounds[0]).isEqualTo(10);
    assertThat(report.isProven()).isTrue();
    assertThat(report.filesRewritten()).isEqualTo(FILES);
    assertThat(table.scan().count()).isEqualTo(FILES * ROWS * 3L / 4 - 9);
  }
}
