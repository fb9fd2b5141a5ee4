package dev.firn.bench.scan;

import dev.firn.bench.measure.BatchDigester;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Side;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;

/** Firn's scan: the table's rows as Arrow batches, decoded on the caller's thread or more. */
final class OurReader implements TableReader {
  private static final int BATCH_ROWS = 32 * 1024;

  private final BufferAllocator allocator = new RootAllocator();
  private final int threads;

  OurReader(int threads) {
    this.threads = threads;
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
    return new TableScanner(query.table()).readArrow(request, allocator, BATCH_ROWS);
  }

  @Override
  public void close() {
    allocator.close();
  }
}
