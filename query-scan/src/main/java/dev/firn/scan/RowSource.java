package dev.firn.scan;

import java.util.OptionalLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/**
 * What scans read: a table's rows ({@link TableScanner}), or rows that describe it. Errors are as
 * {@link TableScanner} says. Thread-safe where the table is; what it opens is confined to one
 * thread.
 */
public interface RowSource {
  /** The columns that the request's rows have, in order. */
  Schema schema(ScanRequest request);

  /** The snapshot that the request reads; empty: none, as of an empty table. */
  default OptionalLong snapshotId(ScanRequest request) {
    return OptionalLong.empty();
  }

  /**
   * Reads the rows: exactly those that satisfy the filter, in exactly {@link #schema}'s columns.
   * Batches, where there are any, come from {@code allocator}; rows are copies. The caller closes
   * it, once or more often.
   */
  CloseableIterable<Record> read(ScanRequest request, BufferAllocator allocator);

  /**
   * Reads as Arrow batches of at most {@code batchRows} rows. The reader owns its vectors, made
   * from {@code allocator}; whoever retains a batch's buffers may keep them.
   */
  ArrowReader readArrow(ScanRequest request, BufferAllocator allocator, int batchRows);

  /**
   * Plans without reading rows. The caller closes it.
   *
   * @throws dev.firn.error.FirnException (invalid) where the rows are not those of data files
   */
  CloseableIterable<FileScanTask> plan(ScanRequest request);
}
