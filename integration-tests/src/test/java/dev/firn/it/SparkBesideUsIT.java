package dev.firn.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.TableWriter;
import dev.firn.testing.PostgresServer;
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
  private static final int THREADS = Integer.getInteger("firn.beside.threads", 16);
  private static final int INSERTS = Integer.getInteger("firn.beside.inserts", 10);

  /** What each thread leaves between its commits. */
  private static final long PAUSE_NANOS = 1_000_000L * Integer.getInteger("firn.beside.pause", 0);

  @TempDir Path directory;

  private final AtomicBoolean enough = new AtomicBoolean();
  private final AtomicLong commits = new AtomicLong();

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
    LakeTable table = lake.lake().createTable("beside.rows", SCHEMA);
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
      int retries = spark.retries();
      long begin = System.nanoTime();
      List<Long> inserted = insert(lake);
      double seconds = (System.nanoTime() - begin) / 1e9;
      enough.set(true);
      inserted.forEach(number -> expected.add("('spark', " + number + ")"));
      for (int thread = 0; thread < THREADS; thread++) {
        long rows = written.get(thread).get();
        for (long number = 0; number < rows; number++) {
          expected.add("('firn" + thread + "', " + number + ")");
        }
      }
      System.out.printf(
          "SparkBesideUsIT %s: %d of %d inserts of Spark failed, %d retries, in %.1f s, in which"
              + " we committed %d times, in %d snapshots%n",
          what,
          INSERTS - inserted.size(),
          INSERTS,
          spark.retries() - retries,
          seconds,
          commits.get(),
          table.snapshots().size());
    } finally {
      enough.set(true);
      threads.shutdownNow();
    }
    assertThat(lake.agreed(table)).containsExactlyInAnyOrderElementsOf(expected);
    assertOneChain(table.iceberg());
  }

  /** Returns the numbers that Spark inserted; it fails where four retries were not enough. */
  private static List<Long> insert(SharedLake lake) {
    List<Long> inserted = new ArrayList<>();
    for (long number = 0; number < INSERTS; number++) {
      try {
        lake.spark("insert into %s.beside.rows values ('spark', " + number + ")");
        inserted.add(number);
      } catch (IllegalStateException e) {
        assertThat(e.getMessage()).contains("CommitFailedException");
      }
    }
    return inserted;
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
      LockSupport.parkNanos(PAUSE_NANOS);
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
