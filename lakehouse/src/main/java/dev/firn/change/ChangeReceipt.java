package dev.firn.change;

import dev.firn.catalog.commit.CommitReceipt;
import java.util.Optional;

/**
 * What a change of rows did, or in a dry run would do.
 *
 * @param commit empty where nothing was committed: no row had to change, it was a dry run, or, in a
 *     transaction, that commits later
 * @param inserted rows that are new
 * @param updated rows that have other values
 * @param deleted rows that are gone
 * @param filesRemoved data files that went whole; their other rows, if any, are in new ones
 * @param filesMarked data files that stay, with rows marked as deleted
 * @param filesAdded data files that came; zero in a dry run, which writes none
 */
public record ChangeReceipt(
    Optional<CommitReceipt> commit,
    long inserted,
    long updated,
    long deleted,
    int filesRemoved,
    int filesMarked,
    int filesAdded) {
  /** Nothing had to change. */
  public static final ChangeReceipt NOTHING = new ChangeReceipt(Optional.empty(), 0, 0, 0, 0, 0, 0);

  /** The same with its commit. */
  public ChangeReceipt committed(CommitReceipt receipt) {
    return new ChangeReceipt(
        Optional.of(receipt), inserted, updated, deleted, filesRemoved, filesMarked, filesAdded);
  }

  /** Rows inserted, updated or deleted. */
  public long rows() {
    return inserted + updated + deleted;
  }
}
