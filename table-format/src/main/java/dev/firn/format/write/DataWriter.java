package dev.firn.format.write;

import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;

/**
 * A writer of data files: rows in any order, split by partition, sorted by the table's sort order
 * within each file, rolled at {@code write.target-file-size-bytes}, in bounded memory whatever the
 * number of partitions. Confined to one thread. SKELETON.
 */
public final class DataWriter implements AutoCloseable {
  private DataWriter() {}

  /** Opens a writer under the table's current schema, spec, sort order and properties. */
  public static DataWriter open(Table table) {
    throw new UnsupportedOperationException(table.name());
  }

  public static DataWriter open(Table table, WriteOptions options) {
    throw new UnsupportedOperationException(table.name() + options);
  }

  public Schema schema() {
    throw new UnsupportedOperationException();
  }

  /**
   * Adds one row. It may be kept until its file is written: the caller must not change it
   * afterwards.
   */
  public void write(Record row) {
    throw new UnsupportedOperationException(row.toString());
  }

  /**
   * Adds the batch's rows, columns matched by name. The batch stays the caller's and is not
   * referenced afterwards.
   */
  public void write(VectorSchemaRoot batch) {
    throw new UnsupportedOperationException(batch.toString());
  }

  /** Rows taken so far. */
  public long rows() {
    throw new UnsupportedOperationException();
  }

  /** Bytes of files completed or buffered so far, an estimate until {@link #complete()}. */
  public long bytes() {
    throw new UnsupportedOperationException();
  }

  /** Closes every file and returns them. They are the caller's to commit or to remove. */
  public List<DataFile> complete() {
    throw new UnsupportedOperationException();
  }

  /** Removes every file written, unless {@link #complete()} has handed them over. */
  @Override
  public void close() {}
}
