package dev.firn;

import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * A writer of rows that count only once it has committed them: closed before, every file that was
 * written for them is removed. Confined to one thread. Memory is bounded whatever the number of
 * rows and partitions.
 */
public abstract sealed class RowWriter implements AutoCloseable
    permits TableWriter, TransactionWriter, StreamWriter {
  RowWriter() {}

  /** Where the next row goes. */
  abstract RowSink sink();

  /** Returns the columns that rows must have. */
  public Schema schema() {
    return sink().schema();
  }

  /**
   * Adds an Iceberg record of {@link #schema()}. The writer may keep it until the commit: do not
   * change it afterwards.
   */
  public void write(Record row) {
    sink().write(row);
  }

  /**
   * Adds the rows of an Arrow batch, columns matched by name. The batch stays the caller's and may
   * be reused at once.
   */
  public void write(VectorSchemaRoot batch) {
    sink().write(batch);
  }

  /** Adds a Java record or bean, components or properties matched to columns by name. */
  public void write(Object row) {
    sink().write(row);
  }

  /** Adds each element as {@link #write(Object)}. */
  public void writeAll(Iterable<?> all) {
    sink().writeAll(all);
  }

  /** Returns the rows taken so far that are not committed. */
  public long rows() {
    return sink().rows();
  }

  /** Returns the bytes written or buffered for these rows so far, an estimate. */
  public long bytes() {
    return sink().bytes();
  }

  /** Without a commit, removes every file written. Idempotent. */
  @Override
  public abstract void close();
}
