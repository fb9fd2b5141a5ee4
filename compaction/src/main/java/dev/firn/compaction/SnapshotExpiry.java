package dev.firn.compaction;

import java.time.Instant;
import org.apache.iceberg.Table;

/** A refinable expiry of one table's snapshots. Immutable. SKELETON. */
public final class SnapshotExpiry {
  private SnapshotExpiry() {}

  /** What was, or on a dry run would be, removed. */
  public record Result(
      java.util.List<Long> snapshots,
      int dataFiles,
      int deleteFiles,
      int manifests,
      int manifestLists,
      int otherFiles) {}

  public static SnapshotExpiry of(Table table) {
    throw new UnsupportedOperationException(table.name());
  }

  public SnapshotExpiry olderThan(Instant instant) {
    throw new UnsupportedOperationException(instant.toString());
  }

  public SnapshotExpiry retainLast(int snapshots) {
    throw new UnsupportedOperationException("" + snapshots);
  }

  /** What {@link #run()} would remove. */
  public Result plan() {
    throw new UnsupportedOperationException();
  }

  public Result run() {
    throw new UnsupportedOperationException();
  }
}
