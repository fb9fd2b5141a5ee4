package dev.firn.bench.compact;

import dev.firn.bench.data.BenchTables;
import dev.firn.compaction.Compaction;
import dev.firn.compaction.CompactionResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;

/**
 * The process that {@link CompactionMemory} measures: compacts a table while another thread notes
 * how much memory of its own the operating system counts. Prints figures as properties.
 */
final class CompactionMemoryProcess {
  private static final long PAUSE_MILLIS = 5;

  private CompactionMemoryProcess() {}

  public static void main(String[] args) throws Exception {
    try (BenchTables tables = BenchTables.open(Path.of(args[0]))) {
      Table table = tables.load(args[1]);
      System.out.println("expected=" + liveRows(table));
      System.out.println("before=" + ownMegabytes());
      CountDownLatch done = new CountDownLatch(1);
      double[] peak = {0};
      Thread sampler =
          new Thread(
              () -> {
                try {
                  do {
                    peak[0] = Math.max(peak[0], ownMegabytes());
                  } while (!done.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "sampler");
      sampler.start();
      CompactionResult result = Compaction.of(table).everything().run();
      done.countDown();
      sampler.join();
      System.out.println("peak=" + peak[0]);
      System.out.println("rows=" + result.rowsWritten());
    }
  }

  private static long liveRows(Table table) throws IOException {
    long rows = 0;
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        rows += task.file().recordCount();
        rows -= task.deletes().stream().mapToLong(delete -> delete.recordCount()).sum();
      }
    }
    return rows;
  }

  /** What is in memory and of no file, as Linux counts it. */
  private static double ownMegabytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("RssAnon:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("Cannot measure memory: no /proc/self/status", e);
    }
    throw new IllegalStateException("Cannot measure memory: the kernel does not say");
  }
}
