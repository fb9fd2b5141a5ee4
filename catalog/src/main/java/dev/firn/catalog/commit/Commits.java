package dev.firn.catalog.commit;

import dev.firn.catalog.jdbc.Pointers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * The commits of one catalog: a lane per table, in which everything pending becomes one swap.
 * Thread-safe; borrows the database and the stores, owns its threads until {@link #close()}.
 */
public final class Commits implements AutoCloseable {
  private final Pointers pointers;
  private final FileIO stores;

  public Commits(Pointers pointers, FileIO stores) {
    this.pointers = pointers;
    this.stores = stores;
  }

  /** Returns new operations of a table, for Iceberg's own API; what they commit joins the lane. */
  public TableOperations operations(TableIdentifier table) {
    return new LaneOperations(table, pointers, stores);
  }

  /**
   * Puts a change into the table's lane. The future completes once the outcome is known: with the
   * receipt, or with a {@code FirnException} as {@link TableCommitter} documents it.
   */
  public CompletableFuture<CommitReceipt> submit(TableIdentifier table, CommitRequest request) {
    try {
      return CompletableFuture.completedFuture(
          TableCommitter.commit(
              new BaseTable(operations(table), table.toString()), request.change()));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Commits changes of several tables, all in one SQL transaction or none. Receipts by table, in
   * the order of its requests.
   *
   * @throws dev.firn.error.FirnException CONFLICT naming the table
   */
  public Map<TableIdentifier, List<CommitReceipt>> commitTogether(List<TableChanges> changes) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Commits what Iceberg's API made of {@code base}; as {@link TableOperations#commit}. */
  void commit(LaneOperations operations, @Nullable TableMetadata base, TableMetadata metadata) {
    throw new UnsupportedOperationException("SKELETON");
  }

  @Override
  public void close() {}
}
