package dev.firn.scan;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/**
 * What a selector means for a table at this moment: the snapshot (null: the table is empty), the
 * schema to read it in, and the branch where it is one's head.
 */
record ScanTarget(@Nullable Snapshot snapshot, Schema schema, @Nullable String branch) {
  static ScanTarget of(Table table, ScanRequest request) {
    ScanTarget target = of(table, request.snapshot());
    return request.schema() == ScanRequest.SchemaChoice.CURRENT
        ? new ScanTarget(target.snapshot, table.schema(), target.branch)
        : target;
  }

  private static ScanTarget of(Table table, SnapshotSelector selector) {
    if (selector instanceof SnapshotSelector.ById byId) {
      return inItsOwnSchema(table, byId(table, byId.snapshotId()));
    }
    if (selector instanceof SnapshotSelector.AsOf asOf) {
      return inItsOwnSchema(table, asOf(table, asOf.instant()));
    }
    if (selector instanceof SnapshotSelector.Ref ref) {
      return byRef(table, ref.name());
    }
    return new ScanTarget(table.currentSnapshot(), table.schema(), SnapshotRef.MAIN_BRANCH);
  }

  /** The schema that planning binds filters in. */
  Schema planned(Table table) {
    // Iceberg rebinds partition specs to a snapshot's schema, except for the current snapshot.
    return snapshot == null || branch != null || isCurrent(table)
        ? table.schema()
        : SnapshotUtil.schemaFor(table, snapshot.snapshotId());
  }

  private boolean isCurrent(Table table) {
    Snapshot current = table.currentSnapshot();
    return snapshot != null && current != null && current.snapshotId() == snapshot.snapshotId();
  }

  private static ScanTarget inItsOwnSchema(Table table, Snapshot snapshot) {
    return new ScanTarget(snapshot, SnapshotUtil.schemaFor(table, snapshot.snapshotId()), null);
  }

  private static Snapshot byId(Table table, long id) {
    Snapshot snapshot = table.snapshot(id);
    if (snapshot != null) {
      return snapshot;
    }
    throw FirnException.notFound(
        "Cannot read snapshot "
            + id
            + ": it does not exist or has expired; "
            + available(table)
            + " [table "
            + table.name()
            + "]");
  }

  /** What can be read instead of what cannot. */
  private static String available(Table table) {
    Snapshot oldest = null;
    Snapshot newest = null;
    for (Snapshot each : table.snapshots()) {
      oldest = oldest == null || each.timestampMillis() < oldest.timestampMillis() ? each : oldest;
      newest = newest == null || each.timestampMillis() >= newest.timestampMillis() ? each : newest;
    }
    return oldest == null || newest == null
        ? "the table has no snapshots"
        : "the oldest available is " + named(oldest) + ", the newest " + named(newest);
  }

  private static String named(Snapshot snapshot) {
    return snapshot.snapshotId() + " of " + Instant.ofEpochMilli(snapshot.timestampMillis());
  }

  private static Snapshot asOf(Table table, Instant instant) {
    // The log need not be in order of time: clocks of writers differ.
    List<HistoryEntry> log =
        table.history().stream()
            .filter(entry -> table.snapshot(entry.snapshotId()) != null)
            .sorted(Comparator.comparingLong(HistoryEntry::timestampMillis))
            .toList();
    long millis = instant.toEpochMilli();
    for (int i = log.size() - 1; i >= 0; i--) {
      if (log.get(i).timestampMillis() <= millis) {
        return Objects.requireNonNull(table.snapshot(log.get(i).snapshotId()));
      }
    }
    throw FirnException.notFound(
        "Cannot read as of "
            + instant
            + ": "
            + (log.isEmpty()
                ? available(table)
                : "the oldest available instant is "
                    + Instant.ofEpochMilli(log.get(0).timestampMillis())
                    + ", of snapshot "
                    + log.get(0).snapshotId())
            + " [table "
            + table.name()
            + "]");
  }

  private static ScanTarget byRef(Table table, String name) {
    SnapshotRef ref = table.refs().get(name);
    if (ref != null) {
      Snapshot snapshot = table.snapshot(ref.snapshotId());
      return ref.isBranch()
          ? new ScanTarget(snapshot, table.schema(), name)
          : inItsOwnSchema(table, snapshot);
    }
    if (name.equals(SnapshotRef.MAIN_BRANCH)) {
      return new ScanTarget(table.currentSnapshot(), table.schema(), SnapshotRef.MAIN_BRANCH);
    }
    throw FirnException.notFound(
        "Cannot read branch or tag '"
            + name
            + "': there is none of that name, or it has expired"
            + "; "
            + available(table)
            + NearMatch.hint(name, table.refs().keySet())
            + " [table "
            + table.name()
            + "]");
  }
}
