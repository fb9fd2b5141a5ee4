package dev.firn.bench.scan;

import dev.firn.bench.measure.BatchDigester;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.CombinedScanTask;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.arrow.vectorized.ArrowReader;
import org.apache.iceberg.arrow.vectorized.ColumnarBatch;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;

/**
 * Iceberg's vectorised {@code ArrowReader}, single-threaded or over splits. What it yields where
 * all of a column is dictionary-encoded are indices and the file's dictionary: turning them into
 * plain vectors, as the other sides do, is not asked of it while it is timed.
 */
final class IcebergArrowReader implements TableReader {
  private static final int BATCH_ROWS = 32 * 1024;
  private static final long SPLIT_BYTES = 64L << 20;

  private final int threads;
  private final ExecutorService executor;

  IcebergArrowReader(int threads) {
    this.threads = threads;
    this.executor = Executors.newFixedThreadPool(threads);
  }

  @Override
  public Side side(Query query) {
    return Side.timed(() -> read(query));
  }

  private void read(Query query) throws Exception {
    TableScan scan = scan(query);
    List<CombinedScanTask> tasks = tasks(scan);
    if (threads == 1) {
      each(scan, tasks, true, batch -> {});
      return;
    }
    List<Callable<Void>> parts = new ArrayList<>();
    for (CombinedScanTask task : tasks) {
      parts.add(
          () -> {
            each(scan, List.of(task), true, batch -> {});
            return null;
          });
    }
    for (Future<Void> part : executor.invokeAll(parts)) {
      part.get();
    }
  }

  @Override
  public Digest digest(Query query) throws Exception {
    TableScan scan = scan(query);
    BatchDigester digester = new BatchDigester();
    each(
        scan,
        tasks(scan),
        false,
        batch -> {
          try (batch;
              VectorSchemaRoot plain = batch.createVectorSchemaRootFromVectors()) {
            digester.add(plain);
          }
        });
    return digester.digest();
  }

  private static TableScan scan(Query query) {
    return query
        .table()
        .newScan()
        .select(query.columns())
        .filter(query.filter())
        .option(TableProperties.SPLIT_SIZE, Long.toString(SPLIT_BYTES));
  }

  private static List<CombinedScanTask> tasks(TableScan scan) throws Exception {
    List<CombinedScanTask> tasks = new ArrayList<>();
    try (CloseableIterable<CombinedScanTask> planned = scan.planTasks()) {
      planned.forEach(tasks::add);
    }
    return tasks;
  }

  private static void each(
      TableScan scan, List<CombinedScanTask> tasks, boolean reuse, Consumer<ColumnarBatch> consumer)
      throws Exception {
    try (ArrowReader reader = new ArrowReader(scan, BATCH_ROWS, reuse);
        CloseableIterator<ColumnarBatch> batches =
            reader.open(CloseableIterable.withNoopClose(tasks))) {
      while (batches.hasNext()) {
        consumer.accept(batches.next());
      }
    }
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
