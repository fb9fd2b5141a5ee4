package dev.firn.bench.compact;

import static org.apache.iceberg.expressions.Expressions.equal;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.bench.commit.Latencies;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.compaction.CompactionResult;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.TemporaryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;

/**
 * Does a compaction of all files succeed while a writer deletes rows of them 20 times a second, and
 * what does that writer feel of it? The writer deletes by an id, alone first, and then beside one
 * compaction after the other, in one process.
 */
final class UnderDeleter {
  private static final String RATE = "compact.under-deleter.success-rate";
  private static final String P99 = "compact.under-deleter.commit-p99";
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "value", Types.StringType.get()));

  private final Run run;
  private final int files;
  private final int rows;
  private final long seconds;
  private final SplittableRandom random = new SplittableRandom(11);
  private long deleted;

  UnderDeleter(Run run) {
    this.run = run;
    this.files = run.quick() ? 8 : 100;
    this.rows = run.quick() ? 1_000 : 12_000;
    this.seconds = run.quick() ? 2 : 30;
  }

  /** What became of the compactions. */
  private record Compactions(int tried, int done, long rounds, long rowsRebased) {}

  void run() throws Exception {
    if (!run.wants(RATE) && !run.wants(P99)) {
      return;
    }
    Path directory = run.directory().resolve("under-deleter").toAbsolutePath();
    if (Files.exists(directory)) {
      TemporaryFiles.delete(directory);
    }
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (Lakehouse lake = Lakehouse.open(directory)) {
      LakeTable table = lake.createTable("bench.deleted", SCHEMA, t -> t.formatVersion(3));
      fill(table);
      long[] ids = shuffled();
      delete(lake, ids, warmUp(lake, ids, table), new AtomicBoolean(true));
      Latencies alone = delete(lake, ids, deleted, new AtomicBoolean(true));
      AtomicBoolean going = new AtomicBoolean(true);
      Future<Compactions> compactions = pool.submit(() -> compact(lake, going));
      Latencies beside = delete(lake, ids, deleted, going);
      going.set(false);
      report(alone, beside, compactions.get(), count(lake) == (long) files * rows - deleted);
    } finally {
      pool.shutdown();
      TemporaryFiles.delete(directory);
    }
  }

  private void report(Latencies alone, Latencies beside, Compactions done, boolean correct) {
    Map<String, Double> more =
        Map.of(
            "compactions", (double) done.done(),
            "roundsLost", (double) done.rounds(),
            "rowsRebased", (double) done.rowsRebased(),
            "deletes", (double) beside.count(),
            "p50Alone", alone.millis(50),
            "p50Beside", beside.millis(50));
    double rate = 100.0 * done.done() / Math.max(1, done.tried());
    run.add(new Result(RATE, rate, 100.0, "%", rate / 100, correct && done.done() > 0, more));
    double ours = beside.millis(99);
    double peer = alone.millis(99);
    run.add(new Result(P99, ours, peer, "ms", ours / peer, correct, more));
  }

  private void fill(LakeTable table) {
    for (int file = 0; file < files; file++) {
      try (TableWriter writer = table.append()) {
        for (int i = 0; i < rows; i++) {
          Record row = GenericRecord.create(SCHEMA);
          long id = (long) file * rows + i;
          row.setField("id", id);
          row.setField("value", "value " + Long.toString(id * 0x9E3779B97F4A7C15L, 36));
          writer.write(row);
        }
        writer.commit();
      }
    }
  }

  private long[] shuffled() {
    long[] ids = LongStream.range(0, (long) files * rows).toArray();
    for (int i = ids.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      long id = ids[i];
      ids[i] = ids[j];
      ids[j] = id;
    }
    return ids;
  }

  /** One compaction and some deletes, so that neither side is measured cold. */
  private long warmUp(Lakehouse lake, long[] ids, LakeTable table) {
    for (int i = 0; i < 20; i++) {
      lake.table("bench.deleted").delete(equal("id", ids[(int) deleted++]));
    }
    table.compact().everything().targetFileSizeBytes(1 << 20).run();
    return deleted;
  }

  /** Deletes one row every 50 ms for some seconds, and as long as it takes to see compactions. */
  private Latencies delete(Lakehouse lake, long[] ids, long from, AtomicBoolean going) {
    LakeTable table = lake.table("bench.deleted");
    List<Long> nanos = new ArrayList<>();
    long start = System.nanoTime();
    long end = start + TimeUnit.SECONDS.toNanos(seconds);
    deleted = from;
    for (int i = 0; System.nanoTime() < end && going.get(); i++) {
      LockSupport.parkNanos(start + i * EVERY_NANOS - System.nanoTime());
      long begin = System.nanoTime();
      table.delete(equal("id", ids[(int) deleted]));
      nanos.add(System.nanoTime() - begin);
      deleted++;
    }
    return Latencies.of(nanos);
  }

  private static Compactions compact(Lakehouse lake, AtomicBoolean going) {
    LakeTable table = lake.table("bench.deleted");
    int tried = 0;
    int done = 0;
    long rounds = 0;
    long rebased = 0;
    while (going.get() || tried == 0) {
      tried++;
      try {
        CompactionResult result = table.compact().everything().targetFileSizeBytes(1 << 20).run();
        done += result.snapshotId().isPresent() ? 1 : 0;
        rounds += result.conflictsRetried();
        rebased += result.rowsRebased();
      } catch (FirnException e) {
        if (e.kind() != ErrorKind.CONFLICT) {
          throw e;
        }
      }
    }
    return new Compactions(tried, done, rounds, rebased);
  }

  private static long count(Lakehouse lake) throws IOException {
    return lake.table("bench.deleted").scan().count();
  }
}
