package dev.firn.compaction.erase;

import dev.firn.format.write.ForwardingOperations;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.jspecify.annotations.Nullable;

/**
 * A table as if one of its branches were main, for what works on main only. What is committed goes
 * to the branch. Confined to one thread; borrows the table's own operations.
 */
final class BranchOperations extends ForwardingOperations {
  private final String branch;
  private @Nullable TableMetadata real;
  private @Nullable TableMetadata shown;

  /** Returns the table as its branch sees it; itself for main. */
  static Table of(Table table, String branch) {
    return branch.equals(SnapshotRef.MAIN_BRANCH)
        ? table
        : new BaseTable(
            new BranchOperations(((HasTableOperations) table).operations(), branch), table.name());
  }

  private BranchOperations(TableOperations table, String branch) {
    super(table);
    this.branch = branch;
  }

  @Override
  public TableMetadata current() {
    TableMetadata known = shown;
    return known == null ? refresh() : known;
  }

  @Override
  public TableMetadata refresh() {
    TableMetadata found = super.refresh();
    SnapshotRef ref = found.ref(branch);
    if (ref == null) {
      throw new CommitFailedException("Branch %s is gone", branch);
    }
    TableMetadata.Builder view = TableMetadata.buildFrom(found);
    if (found.currentSnapshot() == null
        || found.currentSnapshot().snapshotId() != ref.snapshotId()) {
      view.setBranchSnapshot(ref.snapshotId(), SnapshotRef.MAIN_BRANCH);
    }
    TableMetadata seen = view.discardChanges().build();
    real = found;
    shown = seen;
    return seen;
  }

  @Override
  public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
    TableMetadata found = real;
    Snapshot added = metadata.currentSnapshot();
    if (found == null || base != shown || added == null) {
      throw new CommitFailedException("Branch %s was looked at anew", branch);
    }
    shown = null;
    super.commit(found, TableMetadata.buildFrom(found).setBranchSnapshot(added, branch).build());
  }
}
