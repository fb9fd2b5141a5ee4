package dev.firn;

import dev.firn.error.FirnException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * A writer of rows that become part of a transaction at {@link #commit()}, and visible with it;
 * closed without it, every file that was written is removed. Confined to the transaction's thread.
 * Memory is bounded whatever the number of rows and partitions.
 */
public final class TransactionWriter implements AutoCloseable {
  private final String doing;
  private final LakeTransaction transaction;
  private final RowSink rows;
  private final Consumer<List<DataFile>> stage;
  private boolean committed;

  TransactionWriter(
      String doing, LakeTransaction transaction, RowSink rows, Consumer<List<DataFile>> stage) {
    this.doing = doing;
    this.transaction = transaction;
    this.rows = rows;
    this.stage = stage;
  }

  /** Returns the columns that rows must have. */
  public Schema schema() {
    return rows.schema();
  }

  /**
   * Adds an Iceberg record of {@link #schema()}. The writer may keep it until the commit: do not
   * change it afterwards.
   */
  public void write(Record row) {
    rows.write(row);
  }

  /**
   * Adds the rows of an Arrow batch, columns matched by name. The batch stays the caller's and may
   * be reused at once.
   */
  public void write(VectorSchemaRoot batch) {
    rows.write(batch);
  }

  /** Adds a Java record or bean, components or properties matched to columns by name. */
  public void write(Object row) {
    rows.write(row);
  }

  /** Adds each element as {@link #write(Object)}. */
  public void writeAll(Iterable<?> all) {
    rows.writeAll(all);
  }

  /** Returns the rows taken so far. */
  public long rows() {
    return rows.rows();
  }

  /** Returns the bytes written or buffered so far, an estimate. */
  public long bytes() {
    return rows.bytes();
  }

  /** Makes the rows part of the transaction: its later scans of the table see them. */
  public void commit() {
    transaction.requireOpen();
    if (committed) {
      throw FirnException.invalid(
          "Cannot %s: this writer has been committed already; open another".formatted(doing));
    }
    committed = true;
    stage.accept(rows.complete());
  }

  /** Without a commit, removes every file written. Idempotent. */
  @Override
  public void close() {
    rows.close();
  }
}
