package dev.firn.bench.compact;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.StreamWriter;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.maintenance.MaintenanceMetrics;
import dev.firn.maintenance.MaintenanceService;
import dev.firn.testing.TemporaryFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.PropertyUtil;

/**
 * How old is the newest row that a reader sees, while 50,000 rows a second stream into a table that
 * the maintenance service compacts? And do files stay few?
 *
 * <p>Rows are due at fixed times, whatever the writer does: where it falls behind, that counts. A
 * row has been read once a scan that had it has ended. Every row must have been read exactly once.
 */
public final class Freshness {
  private static final String ID = "freshness.p99-seconds";
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "tick", Types.LongType.get()),
          Types.NestedField.required(2, "id", Types.LongType.get()),
          Types.NestedField.required(3, "price", Types.DoubleType.get()),
          Types.NestedField.required(4, "note", Types.StringType.get()));

  /** Rows come in ticks of ten milliseconds. */
  private static final int TICK_ROWS = 500;

  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int TICKS_PER_COMMIT = 15;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int QUICK_SECONDS = 5;
  private static final int SECONDS = 30;

  /** Every file that a commit adds may wait for as many as are worth a merge, and for the merge. */
  static final int MOST_FILES = 400;

  private final int seconds;

  /** For so many seconds. */
  Freshness(int seconds) {
    this.seconds = seconds;
  }

  /** Measures the figure, for half a minute, or some seconds on a quick run. */
  public static void run(Run run) throws Exception {
    if (!run.wants(ID)) {
      return;
    }
    Path directory = run.directory().resolve("freshness").toAbsolutePath();
    if (Files.exists(directory)) {
      TemporaryFiles.delete(directory);
    }
    Files.createDirectories(directory);
    try {
      Figures figures = new Freshness(run.quick() ? QUICK_SECONDS : SECONDS).measure(directory);
      run.add(
          new Result(
              ID,
              figures.p99Seconds(),
              null,
              "s",
              figures.p99Seconds(),
              figures.everyRowOnce() && figures.mostFiles() <= MOST_FILES,
              Map.of(
                  "p50", figures.p50Seconds(),
                  "max", figures.maxSeconds(),
                  "rows", (double) figures.rows(),
                  "mostFiles", (double) figures.mostFiles(),
                  "compactions", (double) figures.work().done())));
    } finally {
      TemporaryFiles.delete(directory);
    }
  }

  /** What was measured; {@code mostFiles} is the largest number of data files that was seen. */
  record Figures(
      double p50Seconds,
      double p99Seconds,
      double maxSeconds,
      long rows,
      boolean everyRowOnce,
      long mostFiles,
      MaintenanceMetrics work) {}

  /** Streams into a new lakehouse in the directory, and reads. */
  Figures measure(Path directory) throws Exception {
    int ticks = (int) (TimeUnit.SECONDS.toNanos(seconds) / TICK_NANOS);
    try (Lakehouse lake = Lakehouse.open(directory.resolve("lake"));
        BufferAllocator allocator =
            lake.allocator().newChildAllocator("freshness", 0, Long.MAX_VALUE)) {
      LakeTable table = lake.createTable("bench.stream", SCHEMA);
      long[] readAt = new long[ticks];
      AtomicBoolean failed = new AtomicBoolean();
      Reader reader = new Reader(table, allocator, readAt, failed);
      ExecutorService threads = Executors.newFixedThreadPool(2);
      try (MaintenanceService service = lake.maintenance().start()) {
        long start = System.nanoTime();
        Future<?> writing = threads.submit(() -> write(table, allocator, start, ticks, failed));
        Future<?> reading = threads.submit(reader);
        writing.get();
        reading.get();
        return figures(start, readAt, reader, service.metrics());
      } finally {
        failed.set(true);
        threads.shutdown();
        threads.awaitTermination(1, TimeUnit.MINUTES);
      }
    }
  }

  private static Figures figures(
      long start, long[] readAt, Reader reader, MaintenanceMetrics work) {
    long[] late = new long[readAt.length];
    Arrays.setAll(late, tick -> readAt[tick] - (start + tick * TICK_NANOS));
    Arrays.sort(late);
    return new Figures(
        late[late.length / 2] / 1e9,
        late[(int) Math.ceil(late.length * 0.99) - 1] / 1e9,
        late[late.length - 1] / 1e9,
        reader.rows,
        reader.once && reader.rows == (long) readAt.length * TICK_ROWS,
        reader.mostFiles,
        work);
  }

  private static void write(
      LakeTable table, BufferAllocator allocator, long start, int ticks, AtomicBoolean failed) {
    try (StreamWriter stream = table.stream("ticks");
        VectorSchemaRoot batch =
            VectorSchemaRoot.of(
                new BigIntVector("tick", allocator),
                new BigIntVector("id", allocator),
                new Float8Vector("price", allocator),
                new VarCharVector("note", allocator))) {
      for (int tick = 0; tick < ticks && !failed.get(); tick++) {
        long wait = start + tick * TICK_NANOS - System.nanoTime();
        if (wait > 0) {
          LockSupport.parkNanos(wait);
        }
        fill(batch, tick);
        stream.write(batch);
        if ((tick + 1) % TICKS_PER_COMMIT == 0 || tick == ticks - 1) {
          // Does not wait for the disk: the next rows are due.
          var unused = stream.commitWithin(Duration.ZERO, Integer.toString(tick));
        }
      }
    } catch (RuntimeException e) {
      failed.set(true);
      throw e;
    }
  }

  private static void fill(VectorSchemaRoot batch, long tick) {
    BigIntVector ticks = (BigIntVector) batch.getVector("tick");
    BigIntVector ids = (BigIntVector) batch.getVector("id");
    Float8Vector prices = (Float8Vector) batch.getVector("price");
    VarCharVector notes = (VarCharVector) batch.getVector("note");
    for (int i = 0; i < TICK_ROWS; i++) {
      long id = tick * TICK_ROWS + i;
      ticks.setSafe(i, tick);
      ids.setSafe(i, id);
      prices.setSafe(i, (id * 7_919 % 100_000) / 100.0);
      notes.setSafe(i, ("note " + id % 1_000).getBytes(StandardCharsets.UTF_8));
    }
    batch.setRowCount(TICK_ROWS);
  }

  /** Polls for rows of later ticks than it has read. Confined to one thread. */
  private static final class Reader implements Runnable {
    private final LakeTable table;
    private final BufferAllocator allocator;
    private final long[] readAt;
    private final AtomicBoolean failed;
    private final BitSet seen = new BitSet();
    private long last = -1;
    private long rows;
    private long mostFiles;
    private boolean once = true;

    Reader(LakeTable table, BufferAllocator allocator, long[] readAt, AtomicBoolean failed) {
      this.table = table;
      this.allocator = allocator;
      this.readAt = readAt;
      this.failed = failed;
    }

    @Override
    public void run() {
      try {
        while (last < readAt.length - 1 && !failed.get()) {
          poll();
          LockSupport.parkNanos(POLL_NANOS);
        }
      } catch (Exception e) {
        failed.set(true);
        throw new IllegalStateException("Cannot read the stream", e);
      }
    }

    private void poll() throws Exception {
      long before = last;
      try (ArrowReader reader =
          table.scan().where(Expressions.greaterThan("tick", before)).openArrow(allocator)) {
        VectorSchemaRoot root = reader.getVectorSchemaRoot();
        while (reader.loadNextBatch()) {
          BigIntVector ticks = (BigIntVector) root.getVector("tick");
          BigIntVector ids = (BigIntVector) root.getVector("id");
          for (int i = 0; i < root.getRowCount(); i++) {
            int id = (int) ids.get(i);
            once &= !seen.get(id);
            seen.set(id);
            last = Math.max(last, ticks.get(i));
          }
          rows += root.getRowCount();
        }
      }
      Arrays.fill(readAt, (int) before + 1, (int) last + 1, System.nanoTime());
      var head = table.iceberg().currentSnapshot();
      if (head != null) {
        mostFiles =
            Math.max(
                mostFiles,
                PropertyUtil.propertyAsLong(
                    head.summary(), SnapshotSummary.TOTAL_DATA_FILES_PROP, 0));
      }
    }
  }
}
