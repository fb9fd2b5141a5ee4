package dev.firn.bench.scan;

import dev.firn.bench.measure.BatchDigester;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Side;
import dev.firn.scan.Decoding;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;

/** Firn's scan: the table's rows as Arrow batches, decoded on the caller's thread or more. */
final class OurReader implements TableReader {
  private final BufferAllocator allocator = new RootAllocator();
  private final ExecutorService helpers;
  private final Decoding decoding;

  /** The calling thread is one of {@code threads}. */
  OurReader(int threads) {
    this.helpers = Executors.newFixedThreadPool(Math.max(1, threads - 1));
    this.decoding =
        threads == 1
            ? Decoding.INLINE
            : new Decoding(Decoding.DEFAULT_BATCH_ROWS, helpers, threads);
  }

  @Override
  public Side side(Query query) {
    return Side.timed(() -> read(query));
  }

  private void read(Query query) throws Exception {
    try (ArrowReader batches = open(query)) {
      while (batches.loadNextBatch()) {
        batches.getVectorSchemaRoot();
      }
    }
  }

  @Override
  public Digest digest(Query query) throws Exception {
    BatchDigester digester = new BatchDigester();
    try (ArrowReader batches = open(query)) {
      while (batches.loadNextBatch()) {
        digester.add(batches.getVectorSchemaRoot());
      }
    }
    return digester.digest();
  }

  private ArrowReader open(Query query) {
    ScanRequest request =
        new ScanRequest(
            new SnapshotSelector.Current(), query.columns(), query.filter(), ScanRequest.NO_LIMIT);
    return new TableScanner(query.table(), decoding)
        .readArrow(request, allocator, Decoding.DEFAULT_BATCH_ROWS);
  }

  @Override
  public void close() {
    helpers.shutdown();
    allocator.close();
  }
}
