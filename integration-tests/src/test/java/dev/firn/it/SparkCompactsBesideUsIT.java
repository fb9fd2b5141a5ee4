package dev.firn.it;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.TableWriter;
import dev.firn.compaction.CompactionResult;
import dev.firn.testing.SparkProcess;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Spark rewrites the files of a table while we compact it and rows come and go. Ours never loses
 * its turn; Spark may, and then says so; the table has every row once either way.
 */
@ExtendWith(SparkProcess.Shared.class)
class SparkCompactsBesideUsIT {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "even", Types.BooleanType.get()));
  private static final int ROUNDS = 3;
  private static final int ROWS = 20;

  @TempDir Path directory;

  private final AtomicBoolean enough = new AtomicBoolean();
  private final AtomicInteger compactions = new AtomicInteger();

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void noRowIsLostOrBack(int version, SparkProcess spark) throws Exception {
    try (SharedLake lake = SharedLake.onSqlite(spark, directory)) {
      LakeTable table =
          lake.lake().createTable("beside.merged", SCHEMA, t -> t.formatVersion(version));
      append(table, 0);
      ExecutorService threads = Executors.newFixedThreadPool(2);
      try {
        Future<SortedSet<Long>> rows = threads.submit(() -> change(table));
        Future<?> compacting = threads.submit(() -> compact(table));
        int refused = 0;
        int rounds = 0;
        while (rounds < ROUNDS || (compactions.get() == 0 && !compacting.isDone())) {
          refused += rewrite(lake) ? 0 : 1;
          rounds++;
        }
        enough.set(true);
        SortedSet<Long> expected = rows.get();
        compacting.get();
        System.out.printf(
            "SparkCompactsBesideUsIT, v%d: we compacted %d times, Spark was refused %d of %d times%n",
            version, compactions.get(), refused, rounds);
        assertThat(lake.agreed(table))
            .containsExactlyInAnyOrderElementsOf(
                expected.stream().map(id -> "(%d, %b)".formatted(id, id % 2 == 0)).toList());
      } finally {
        enough.set(true);
        threads.shutdownNow();
      }
    }
  }

  /** Returns false where Spark says that others were first. */
  private static boolean rewrite(SharedLake lake) {
    try {
      lake.spark(
          "call %s.system.rewrite_data_files(table => 'beside.merged', options => map('rewrite-all', 'true'))");
      return true;
    } catch (IllegalStateException e) {
      assertThat(e.getMessage()).containsAnyOf("CommitFailedException", "ValidationException");
      return false;
    }
  }

  private static void append(LakeTable table, long first) {
    try (TableWriter writer = table.append()) {
      for (long id = first; id < first + ROWS; id++) {
        Record row = GenericRecord.create(SCHEMA);
        row.setField("id", id);
        row.setField("even", id % 2 == 0);
        writer.write(row);
      }
      writer.commit();
    }
  }

  /** Appends and deletes until it is enough; returns the ids that are there then. */
  private SortedSet<Long> change(LakeTable table) {
    SortedSet<Long> ids = new TreeSet<>();
    for (long id = 0; id < ROWS; id++) {
      ids.add(id);
    }
    for (long batch = 1; !enough.get(); batch++) {
      append(table, batch * ROWS);
      for (long id = batch * ROWS; id < (batch + 1) * ROWS; id++) {
        ids.add(id);
      }
      long gone = (batch - 1) * ROWS + batch % ROWS;
      table.delete(equal("id", gone));
      ids.remove(gone);
    }
    return ids;
  }

  private void compact(LakeTable table) {
    while (!enough.get()) {
      CompactionResult result = table.compact().run();
      compactions.addAndGet(result.snapshotId().isPresent() ? 1 : 0);
    }
  }
}
