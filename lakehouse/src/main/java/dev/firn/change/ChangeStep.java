package dev.firn.change;

import dev.firn.catalog.commit.RowChange;
import dev.firn.format.write.FileRegistrar;
import org.apache.iceberg.Table;

/** One look at a table, and the change that comes of it. May be run again after a conflict. */
@FunctionalInterface
public interface ChangeStep {
  /**
   * What is to be committed, and the counts of it.
   *
   * @param change its files are written, and the taker's to commit or to remove
   * @param counts without a commit
   */
  record Draft(RowChange change, ChangeReceipt counts) {
    /** Whether there is nothing to commit. */
    public boolean isNothing() {
      return change.added().isEmpty()
          && change.removed().isEmpty()
          && change.deletes().isEmpty()
          && change.superseded().isEmpty();
    }
  }

  /**
   * Looks at {@code table} as it is and writes the files of a change, each told to {@code files}
   * before it exists. Leaves none behind where it fails.
   */
  Draft draft(Table table, FileRegistrar files);
}
