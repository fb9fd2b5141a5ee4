package dev.firn.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.TableWriter;
import dev.firn.testing.PostgresServer;
import dev.firn.testing.SparkProcess;
import dev.firn.testing.TestServers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spark appends through Iceberg's own {@code JdbcCatalog} to a table that threads of ours append to
 * all the while. What either was told is in the table is there once, and nothing else.
 */
@ExtendWith({SparkProcess.Shared.class, TestServers.class})
class SparkBesideUsIT {
  private static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "writer", Types.StringType.get()),
          NestedField.required(2, "number", Types.LongType.get()));
  private static final int THREADS = 4;
  private static final int INSERTS = Integer.getInteger("firn.beside.inserts", 3);

  /** What each thread leaves between its commits at a moderate rate: more, where it is not. */
  private static final int PAUSE_MILLIS = Integer.getInteger("firn.beside.pause", 1000);

  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(20);

  /** How often Spark's user tries, each time with the four retries of Iceberg. */
  private static final int TRIES = 20;

  @TempDir Path directory;

  private final AtomicBoolean enough = new AtomicBoolean();
  private final AtomicLong commits = new AtomicLong();
  private volatile long pauseNanos;

  @Test
  void loseNothingOnSqlite(SparkProcess spark) throws Exception {
    try (SharedLake lake = SharedLake.onSqlite(spark, directory)) {
      appendBesideSpark("sqlite", lake, spark);
    }
  }

  @Test
  void loseNothingOnPostgresql(SparkProcess spark, PostgresServer server) throws Exception {
    try (SharedLake lake = SharedLake.open(spark, directory, server.newDatabase())) {
      appendBesideSpark("postgresql", lake, spark);
    }
  }

  private void appendBesideSpark(String what, SharedLake lake, SparkProcess spark)
      throws Exception {
    // All snapshots stay, however fast the machine: their chain is looked at in the end.
    LakeTable table =
        lake.lake()
            .createTable(
                "beside.rows", SCHEMA, t -> t.property("firn.snapshots.retention", "none"));
    // The first insert loads Spark's classes.
    lake.spark("insert into %s.beside.rows values ('spark', -1)");
    List<String> expected = new ArrayList<>(List.of("('spark', -1)"));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Long>> written = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        String name = "firn" + thread;
        written.add(threads.submit(() -> append(table, name)));
      }
      List<Long> inserted = new ArrayList<>();
      insert(what + " at full speed", lake, spark, 0, 1, inserted);
      pauseNanos = TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
      insert(what + " at a moderate rate", lake, spark, INSERTS, TRIES, inserted);
      assertThat(inserted).as("what Spark inserted").hasSizeGreaterThanOrEqualTo(INSERTS);
      enough.set(true);
      inserted.forEach(number -> expected.add("('spark', " + number + ")"));
      for (int thread = 0; thread < THREADS; thread++) {
        long rows = written.get(thread).get();
        for (long number = 0; number < rows; number++) {
          expected.add("('firn" + thread + "', " + number + ")");
        }
      }
    } finally {
      enough.set(true);
      threads.shutdownNow();
    }
    assertThat(lake.agreed(table)).containsExactlyInAnyOrderElementsOf(expected);
    assertOneChain(table.iceberg());
  }

  /** Lets Spark insert some rows, each tried so often, and adds the numbers that came in. */
  private void insert(
      String what, SharedLake lake, SparkProcess spark, long first, int tries, List<Long> into) {
    int retries = spark.retries();
    long before = commits.get();
    int failed = 0;
    long begin = System.nanoTime();
    for (long number = first; number < first + INSERTS; number++) {
      boolean inserted = false;
      for (int attempt = 0; attempt < tries && !inserted; attempt++) {
        inserted = insert(lake, number);
        if (!inserted) {
          failed++;
          pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE);
        }
      }
      if (inserted) {
        into.add(number);
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        "SparkBesideUsIT, %s: %d inserts of Spark, %d statements failed, %d retries, in %.1f s; we"
            + " appended %.1f times a second%n",
        what,
        INSERTS,
        failed,
        spark.retries() - retries,
        seconds,
        (commits.get() - before) / seconds);
  }

  /** Returns false where four retries were not enough. */
  private static boolean insert(SharedLake lake, long number) {
    try {
      lake.spark("insert into %s.beside.rows values ('spark', " + number + ")");
      return true;
    } catch (IllegalStateException e) {
      assertThat(e.getMessage()).contains("CommitFailedException");
      return false;
    }
  }

  /** Returns how many rows were appended, each by itself: all of them, or it throws. */
  private long append(LakeTable table, String name) {
    long number = 0;
    while (!enough.get()) {
      try (TableWriter writer = table.append()) {
        Record row = GenericRecord.create(writer.schema());
        row.setField("writer", name);
        row.setField("number", number);
        writer.write(row);
        writer.commit();
      }
      number++;
      commits.incrementAndGet();
      LockSupport.parkNanos(pauseNanos);
    }
    return number;
  }

  private static void assertOneChain(Table table) throws IOException {
    Set<Long> all = new HashSet<>();
    table.snapshots().forEach(snapshot -> all.add(snapshot.snapshotId()));
    Set<Long> chain = new HashSet<>();
    Snapshot at = table.currentSnapshot();
    while (at != null) {
      chain.add(at.snapshotId());
      at = at.parentId() == null ? null : table.snapshot(at.parentId());
    }
    assertThat(chain).isEqualTo(all);
  }
}
