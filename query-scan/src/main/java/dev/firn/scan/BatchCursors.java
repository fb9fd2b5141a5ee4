package dev.firn.scan;

import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/** Batches in the forms that scans give them out in. Stateless. */
public final class BatchCursors {
  private BatchCursors() {}

  /**
   * The rows as records, which outlive the batches. Batches are asked for with each iterator; what
   * is returned closes them.
   */
  public static CloseableIterable<Record> records(Schema schema, Supplier<BatchCursor> batches) {
    return new CloseableRows(() -> new BatchRows(schema, batches.get()));
  }

  /** A reader that owns the batches, and moves each into its own root, made from the allocator. */
  public static ArrowReader arrow(Schema schema, BatchCursor batches, BufferAllocator allocator) {
    return new ScanArrowReader(schema, batches, allocator);
  }
}
