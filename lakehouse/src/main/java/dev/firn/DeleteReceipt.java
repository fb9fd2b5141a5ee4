package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.change.ChangeReceipt;
import java.util.Optional;

/**
 * What a delete did.
 *
 * @param commit empty where nothing was committed: no row matched, or not yet, in a transaction
 * @param rows rows that are gone
 * @param filesRemoved data files that went whole, or, under copy-on-write, were written anew
 *     without the rows
 * @param filesMarked data files that stay, with rows marked as deleted
 */
public record DeleteReceipt(
    Optional<CommitReceipt> commit, long rows, int filesRemoved, int filesMarked) {
  static DeleteReceipt of(ChangeReceipt change) {
    return new DeleteReceipt(
        change.commit(), change.deleted(), change.filesRemoved(), change.filesMarked());
  }
}
