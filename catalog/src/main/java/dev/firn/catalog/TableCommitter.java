package dev.firn.catalog;

import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;

/** Commits row changes. SKELETON. */
public final class TableCommitter {
  private TableCommitter() {}

  /** Commits {@code change} as one snapshot of {@code table}. */
  public static CommitReceipt commit(Table table, RowChange change) {
    throw new UnsupportedOperationException(table.name() + change);
  }

  /** Stages {@code change} as the last step of a transaction and commits that. */
  public static CommitReceipt commit(Transaction transaction, RowChange change) {
    throw new UnsupportedOperationException(transaction.toString() + change);
  }
}
