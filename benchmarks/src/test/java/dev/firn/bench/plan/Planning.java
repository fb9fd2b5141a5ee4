package dev.firn.bench.plan;

import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Side;
import dev.firn.scan.plan.ManifestIndex;
import dev.firn.scan.plan.PlanRequest;
import dev.firn.scan.plan.TablePlanner;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/**
 * The measurements of the suite. Both sides have two threads, and yield every task; that their
 * tasks are of the same files is checked beforehand.
 */
final class Planning {
  private static final String ID = "plan.1m.";
  private static final int THREADS = 2;

  private final Run run;
  private final PlanTable table;
  private final long files;

  Planning(Run run, PlanTable table) {
    this.run = run;
    this.table = table;
    this.files = table.files();
  }

  void run() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      // One user of fifty million: one bucket of 256, which every manifest has.
      warm("partition", Expressions.equal("user_id", 123_456L), threads);
      long first = files / 2 * PlanTable.ROWS_PER_FILE;
      // A range of events: one file of a thousand, by its bounds alone.
      Expression events =
          Expressions.and(
              Expressions.greaterThanOrEqual("event_id", first),
              Expressions.lessThan("event_id", first + files * (PlanTable.ROWS_PER_FILE / 1_000)));
      warm("stats", events, threads);
      cold(events, threads);
      memory(threads);
    } finally {
      threads.shutdown();
    }
  }

  private void warm(String name, Expression filter, ExecutorService threads) throws Exception {
    String id = ID + name + ".warm.vs-iceberg";
    if (!run.wants(id)) {
      return;
    }
    ManifestIndex index = ManifestIndex.ofBytes(1L << 30);
    Table ours = table.plain();
    Table peer = table.caching();
    Set<String> found = files(ours(ours, index, filter, threads));
    boolean equal = !found.isEmpty() && found.equals(files(icebergs(peer, filter, threads)));
    run.faster(
        id,
        Side.timed(() -> drain(ours(ours, index, filter, threads))),
        Side.timed(() -> drain(icebergs(peer, filter, threads))),
        equal,
        Map.of("files", (double) found.size()));
  }

  private void cold(Expression filter, ExecutorService threads) throws Exception {
    String id = ID + "cold.vs-iceberg";
    if (!run.wants(id)) {
      return;
    }
    Table plain = table.plain();
    Set<String> found = files(ours(plain, ManifestIndex.ofBytes(1L << 30), filter, threads));
    boolean equal = !found.isEmpty() && found.equals(files(icebergs(plain, filter, threads)));
    run.faster(
        id,
        Side.timed(() -> drain(ours(plain, ManifestIndex.ofBytes(1L << 30), filter, threads))),
        Side.timed(() -> drain(icebergs(plain, filter, threads))),
        equal,
        Map.of("files", (double) found.size()));
  }

  private void memory(ExecutorService threads) throws Exception {
    String id = "plan.index.bytes-per-file";
    if (!run.wants(id)) {
      return;
    }
    Table plain = table.plain();
    plain.currentSnapshot().allManifests(plain.io());
    long before = heap();
    ManifestIndex index = ManifestIndex.ofBytes(1L << 30);
    Expression nothing = Expressions.equal("event_id", -1L);
    boolean none = files(ours(plain, index, nothing, threads)).isEmpty();
    long after = heap();
    double perFile = (double) (after - before) / files;
    double accounted = (double) index.weight() / files;
    // Used again, so that it is there until now.
    boolean correct = none && Math.abs(accounted - perFile) < 0.2 * perFile + 8;
    run.add(new Result(id, perFile, null, "B", perFile, correct, Map.of("accounted", accounted)));
  }

  private static long heap() throws InterruptedException {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Thread.sleep(50);
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  private static CloseableIterable<FileScanTask> ours(
      Table table, ManifestIndex index, Expression filter, ExecutorService threads) {
    PlanRequest request = PlanRequest.of(table, table.currentSnapshot(), filter, false);
    return new TablePlanner(index, threads, THREADS).plan(request);
  }

  private static CloseableIterable<FileScanTask> icebergs(
      Table table, Expression filter, ExecutorService threads) {
    return table.newScan().planWith(threads).filter(filter).planFiles();
  }

  private static void drain(CloseableIterable<FileScanTask> plan) throws IOException {
    try (plan) {
      long unusedLength = 0;
      for (FileScanTask task : plan) {
        unusedLength += task.length();
      }
    }
  }

  private static Set<String> files(CloseableIterable<FileScanTask> plan) throws IOException {
    Set<String> found = new HashSet<>();
    try (plan) {
      plan.forEach(task -> found.add(task.file().location()));
    }
    return found;
  }
}
