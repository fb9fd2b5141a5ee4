package dev.firn.format.parquet.write;

import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.OutputFile;

/**
 * A writer of one Parquet file from Arrow batches. Confined to one thread. Owns the file until {@link #finish()};
 * closing it before that abandons the file, which the caller removes.
 *
 * <p>Memory: the compressed pages of one row group, one page being filled per column, and the dictionaries, all from
 * a child of the allocator.
 */
public final class ParquetWriter implements AutoCloseable {
  /**
   * Creates the file. Columns are {@code schema}'s, with its field ids; batches hold the vectors of {@code
   * ArrowSchemas.toArrow(schema)}, in order.
   */
  public static ParquetWriter create(
      OutputFile file, Schema schema, ParquetSettings settings, BufferAllocator allocator) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Adds all rows of the batch, which is not referenced afterwards. */
  public void write(VectorSchemaRoot batch) {
    write(batch, 0, batch.getRowCount());
  }

  /** Adds {@code count} rows of the batch from row {@code from}. A null in a required column is {@code INVALID}. */
  public void write(VectorSchemaRoot batch, int from, int count) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Rows added so far. */
  public long rows() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** The length that the file would have if it were finished now, within a few percent; exact once finished. */
  public long length() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Bytes held in memory. */
  public long memory() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Ends the current row group, so that {@link #memory()} falls to the footer's share. */
  public void endRowGroup() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Writes the footer and closes the file, durably as its store does. */
  public void finish() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Iceberg's metrics of the finished file. */
  public Metrics metrics() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Where row groups start, of the finished file. */
  public List<Long> splitOffsets() {
    throw new UnsupportedOperationException("SKELETON");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("SKELETON");
  }
}
