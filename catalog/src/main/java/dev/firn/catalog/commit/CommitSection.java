package dev.firn.catalog.commit;

import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.catalog.TableIdentifier;

/**
 * A section in which nothing of this process commits to a table, but what is submitted through it.
 * Thread-safe. Ends with that, or where it is closed, or where it has taken too long.
 */
public final class CommitSection implements AutoCloseable {
  private final Commits commits;
  private final TableIdentifier table;
  private final Lane.Hold hold;

  CommitSection(Commits commits, TableIdentifier table, Lane.Hold hold) {
    this.commits = commits;
    this.table = table;
    this.hold = hold;
  }

  /**
   * Ends the section and commits before all that waits, as {@link Commits#submit}; where it has
   * ended already, after what waits.
   */
  public CompletableFuture<CommitReceipt> submit(String tableUuid, CommitRequest request) {
    return commits.submit(table, tableUuid, request, hold);
  }

  /** Idempotent. */
  @Override
  public void close() {
    hold.close();
  }
}
