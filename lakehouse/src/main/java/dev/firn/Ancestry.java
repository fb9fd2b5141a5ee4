package dev.firn;

import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/** Where snapshots come from, as far as expiry has left it to be known. */
final class Ancestry {
  private Ancestry() {}

  /**
   * Whether a snapshot lies before a gap that expiry has made in main's history, so that it is no
   * known ancestor of main's head although it was one: it is older than all that are known, and no
   * other branch has it.
   */
  static boolean isBeforeGap(Table table, long snapshotId) {
    Snapshot oldest = oldestAncestor(table, table.currentSnapshot());
    Snapshot snapshot = table.snapshot(snapshotId);
    if (oldest == null
        || snapshot == null
        || oldest.parentId() == null
        || snapshot.sequenceNumber() >= oldest.sequenceNumber()) {
      return false;
    }
    Set<Long> ofBranches = new HashSet<>();
    for (SnapshotRef ref : table.refs().values()) {
      if (ref.isBranch()) {
        SnapshotUtil.ancestorIdsBetween(ref.snapshotId(), null, table::snapshot)
            .forEach(ofBranches::add);
      }
    }
    return !ofBranches.contains(snapshotId);
  }

  private static @Nullable Snapshot oldestAncestor(Table table, @Nullable Snapshot head) {
    Snapshot oldest = head;
    for (Snapshot at = head; at != null; at = parent(table, at)) {
      oldest = at;
    }
    return oldest;
  }

  private static @Nullable Snapshot parent(Table table, Snapshot snapshot) {
    return snapshot.parentId() == null ? null : table.snapshot(snapshot.parentId());
  }
}
