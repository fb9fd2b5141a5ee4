package dev.firn.scan;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/** Plans and reads scans of one table. SKELETON. */
public final class TableScanner {
  public TableScanner(Table table) {
    throw new UnsupportedOperationException(table.name());
  }

  /** The columns that the request's rows have, in order. */
  public Schema schema(ScanRequest request) {
    throw new UnsupportedOperationException(request.toString());
  }

  /**
   * Plans without reading data: whole files, with the deletes that apply and the residual filter.
   */
  public CloseableIterable<FileScanTask> plan(ScanRequest request) {
    throw new UnsupportedOperationException(request.toString());
  }

  /**
   * Reads the rows: exactly those that satisfy the filter, each once, in plan order, in exactly
   * {@link #schema}'s columns.
   */
  public CloseableIterable<Record> read(ScanRequest request) {
    throw new UnsupportedOperationException(request.toString());
  }

  /**
   * Reads as Arrow batches of at most {@code batchRows} rows. The reader owns its vectors, made
   * from {@code allocator}.
   */
  public ArrowReader readArrow(ScanRequest request, BufferAllocator allocator, int batchRows) {
    throw new UnsupportedOperationException(request.toString() + allocator + batchRows);
  }
}
