package dev.firn;

import dev.firn.error.FirnException;
import java.util.List;
import java.util.function.Consumer;
import org.apache.iceberg.DataFile;

/**
 * A writer of rows that become part of a transaction at {@link #commit()}, and visible with it;
 * closed without it, every file that was written is removed. Confined to the transaction's thread.
 * Memory is bounded whatever the number of rows and partitions.
 */
public final class TransactionWriter extends RowWriter {
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

  @Override
  RowSink sink() {
    return rows;
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

  @Override
  public void close() {
    rows.close();
  }
}
