package dev.firn.scan;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
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

  /** Counts the rows, at most up to the limit; the columns do not matter. */
  default long count(ScanRequest request, BufferAllocator allocator) {
    long rows = 0;
    try (ArrowReader batches =
        readArrow(request.columns(List.of()), allocator, Decoding.DEFAULT_BATCH_ROWS)) {
      while (batches.loadNextBatch()) {
        rows += batches.getVectorSchemaRoot().getRowCount();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  /**
   * The lowest or highest value of a column among the rows that satisfy the filter, of all,
   * whatever the limit; nulls do not count. NaN is above every number, -0.0 below 0.0. Values are
   * those of records. Empty where there is none.
   *
   * @throws dev.firn.error.FirnException (invalid) for a column without an order, or with several
   *     values in a row
   */
  default Optional<Object> extreme(
      ScanRequest request, String column, Extreme which, BufferAllocator allocator) {
    throw FirnException.invalid(
        "Cannot find the lowest or highest value of column '%s': these rows are not those of data files"
            .formatted(column));
  }

  /**
   * Plans without reading rows. The caller closes it.
   *
   * @throws dev.firn.error.FirnException (invalid) where the rows are not those of data files
   */
  CloseableIterable<FileScanTask> plan(ScanRequest request);
}
