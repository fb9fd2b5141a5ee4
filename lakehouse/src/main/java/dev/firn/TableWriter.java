package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.FileIO;

/**
 * A writer of rows that become visible together, as one snapshot, at {@link #commit()}; closed
 * without it, every file that was written is removed. Confined to one thread. Memory is bounded
 * whatever the number of rows and partitions.
 */
public final class TableWriter extends RowWriter {
  private final String doing;
  private final RowSink rows;
  private final FileIO store;
  private final FileCommit commit;
  private boolean committed;

  /**
   * Writes files for {@code table} as it is now, each recorded by {@code intent}, which it owns.
   * {@code doing} continues "Cannot …".
   */
  TableWriter(String doing, Table table, WriteIntent intent, FileCommit commit) {
    this.doing = doing;
    this.rows = new RowSink(doing, table, intent);
    this.store = table.io();
    this.commit = commit;
  }

  @Override
  RowSink sink() {
    return rows;
  }

  /**
   * Makes the rows visible as one snapshot. Applied: returns its receipt. Not applied: throws, and
   * {@link #close()} removes the files. Unknown (a database answer was lost): throws with kind
   * {@code COMMIT_STATE_UNKNOWN}, and the files stay.
   */
  public CommitReceipt commit() {
    List<DataFile> written = complete();
    try {
      return commit.now(written);
    } catch (RuntimeException e) {
      throw Uncommitted.remove(store, written, rows.intent(), IcebergErrors.translate(doing, e));
    }
  }

  /**
   * As {@link #commit()}, without waiting for the outcome, and with up to {@code time} for other
   * writers' commits to join: the longer, the fewer snapshots. The future fails with a {@code
   * FirnException}, and where that says that nothing was applied, the files are gone. Commits that
   * cannot be joined (an overwrite, a new table, a table of a REST catalog) come at once, in this
   * thread.
   *
   * @throws FirnException INVALID where {@code time} is negative; the writer stays open
   */
  public CompletableFuture<CommitReceipt> commitWithin(Duration time) {
    TableCommits.checkWait(doing, time);
    List<DataFile> written = complete();
    return Uncommitted.removeOnFailure(
        store, written, rows.intent(), doing, commit.within(written, time));
  }

  private List<DataFile> complete() {
    if (committed) {
      throw FirnException.invalid(
          "Cannot %s: this writer has been committed already; open another".formatted(doing));
    }
    List<DataFile> written = rows.complete();
    committed = true;
    return written;
  }

  @Override
  public void close() {
    rows.close();
  }
}
