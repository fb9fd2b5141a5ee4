package dev.firn.it.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.S3Server;
import dev.firn.testing.s3.S3Fault;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;

/**
 * A lakehouse in a bucket whose requests fail by chance, worked on by several threads: each writes
 * rows of its own to two tables and knows what they must hold, while another compacts, expires and
 * merges manifests.
 */
final class ChaosLake {
  static final List<String> TABLES = List.of("shop.orders", "shop.items");
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "owner", Types.IntegerType.get()),
          Types.NestedField.required(3, "note", Types.StringType.get()));

  private static final int WORKERS = 4;
  private static final double RATE = 0.1;
  private static final int COMMITS_PER_UPKEEP = 15;

  /** More than fall behind a scan while it runs. */
  private static final int KEPT_SNAPSHOTS = 30;

  /** All that fails; a stall would be waited for, a minute each. */
  private static final EnumSet<S3Fault> FAULTS = EnumSet.complementOf(EnumSet.of(S3Fault.STALL));

  private final S3Server s3;
  private final String bucket;
  private final Map<String, String> settings;
  private final long seed;
  private final int commits;
  final AtomicInteger redone = new AtomicInteger();
  final AtomicInteger unknown = new AtomicInteger();
  final AtomicInteger scans = new AtomicInteger();
  private volatile int committed;
  private int compactions;

  ChaosLake(S3Server s3, String catalog, long seed, int commits) {
    this.s3 = s3;
    this.bucket = s3.newBucket();
    this.seed = seed;
    this.commits = commits;
    settings = new HashMap<>(s3.properties());
    settings.put("warehouse", bucket + "/lake");
    settings.put("catalog", catalog);
    settings.put("s3.multipart.part-size-bytes", "" + (5 << 20));
  }

  /** Works until so many changes are committed, and checks what is left. Returns what happened. */
  String run() throws Exception {
    List<ChaosWorker> workers = new ArrayList<>();
    try (Lakehouse lake = Lakehouse.open(settings)) {
      for (int i = 0; i < TABLES.size(); i++) {
        String version = "" + (3 - i);
        lake.createTable(TABLES.get(i), SCHEMA, t -> t.property("format-version", version));
      }
      for (int i = 0; i < WORKERS; i++) {
        workers.add(new ChaosWorker(this, lake, i, seed));
      }
      s3.faults().random(bucket, seed, RATE, FAULTS);
      work(lake, workers);
    }
    String happened = s3.faults().happened(bucket).toString();
    s3.faults().clear(bucket);
    assertThat(s3.uploads(bucket)).as("uploads left open").isEmpty();
    check(workers);
    return "%d commits, %d redone, %d of unknown outcome; %d scans, %d compactions; %s"
        .formatted(committed, redone.get(), unknown.get(), scans.get(), compactions, happened);
  }

  private void work(Lakehouse lake, List<ChaosWorker> workers) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(WORKERS + 1);
    try {
      List<Future<?>> running = new ArrayList<>();
      workers.forEach(worker -> running.add(threads.submit(worker::run)));
      running.add(threads.submit(() -> maintain(lake)));
      for (Future<?> each : running) {
        each.get();
      }
    } catch (ExecutionException e) {
      commit(commits); // the others stop
      throw e;
    } finally {
      threads.shutdown();
    }
  }

  boolean isDone() {
    return committed >= commits;
  }

  synchronized void commit(int count) {
    committed += count;
    notifyAll();
  }

  /** Waits until so many changes are committed; false where they are all. */
  private synchronized boolean awaitCommits(int count) {
    while (committed < count) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return !isDone();
  }

  private void maintain(Lakehouse lake) {
    int next = COMMITS_PER_UPKEEP;
    while (awaitCommits(Math.min(next, commits))) {
      next = committed + COMMITS_PER_UPKEEP;
      LakeTable table = lake.table(TABLES.get(compactions % TABLES.size()));
      redo(() -> table.compact().everything().run());
      redo(() -> table.rewriteManifests().run());
      redo(() -> table.expireSnapshots().olderThan(Instant.now()).retainLast(KEPT_SNAPSHOTS).run());
      compactions++;
    }
  }

  /** Runs what may be run again, again where others came first or the store did not answer. */
  private void redo(Runnable work) {
    for (int tries = 1; ; tries++) {
      try {
        work.run();
        return;
      } catch (FirnException e) {
        boolean again =
            e.kind() == ErrorKind.CONFLICT
                || e.kind() == ErrorKind.UNAVAILABLE
                || e.kind() == ErrorKind.COMMIT_STATE_UNKNOWN;
        if (!again || tries == 10) {
          throw e;
        }
        redone.incrementAndGet();
      }
    }
  }

  /** Every acknowledged row once, and no other, by Firn and by Iceberg's own reader. */
  private void check(List<ChaosWorker> workers) throws IOException {
    try (Lakehouse lake = Lakehouse.open(settings)) {
      for (String name : TABLES) {
        Map<Long, String> expected = new TreeMap<>();
        workers.forEach(worker -> expected.putAll(worker.rows(name)));
        LakeTable table = lake.table(name);
        assertThat(rows(table.scan().toList())).as("rows of " + name).isEqualTo(expected);
        try (CloseableIterable<Record> read = IcebergGenerics.read(table.iceberg()).build()) {
          assertThat(rows(read)).as("Iceberg's rows of " + name).isEqualTo(expected);
        }
      }
    }
  }

  /** Rows by id; none may come twice. */
  static Map<Long, String> rows(Iterable<Record> records) {
    Map<Long, String> rows = new TreeMap<>();
    for (Record record : records) {
      Object before = rows.put((Long) record.getField("id"), (String) record.getField("note"));
      assertThat(before).as("row " + record.getField("id") + " came twice").isNull();
    }
    return rows;
  }
}
