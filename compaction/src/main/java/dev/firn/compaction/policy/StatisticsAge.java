package dev.firn.compaction.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.puffin.StandardBlobTypes;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;

/** How far a table's rows are from those whose distinct values were counted last. Stateless. */
final class StatisticsAge {
  private static final List<String> CHANGES =
      List.of(
          SnapshotSummary.ADDED_RECORDS_PROP,
          SnapshotSummary.DELETED_RECORDS_PROP,
          SnapshotSummary.ADDED_POS_DELETES_PROP,
          SnapshotSummary.ADDED_EQ_DELETES_PROP);

  private StatisticsAge() {}

  /** As {@link TableHealth#changedSinceStatistics}, by the summaries of snapshots. */
  static OptionalDouble changedSince(TableMetadata metadata) {
    Set<Long> counted = new HashSet<>();
    for (StatisticsFile file : metadata.statisticsFiles()) {
      if (file.blobMetadata().stream()
          .anyMatch(blob -> blob.type().equals(StandardBlobTypes.APACHE_DATASKETCHES_THETA_V1))) {
        counted.add(file.snapshotId());
      }
    }
    Snapshot head = metadata.currentSnapshot();
    if (head == null || counted.isEmpty()) {
      return OptionalDouble.empty();
    }
    double rows = Math.max(1, number(head.summary(), SnapshotSummary.TOTAL_RECORDS_PROP));
    long changed = 0;
    for (Snapshot each = head; each != null; each = parent(metadata, each)) {
      if (counted.contains(each.snapshotId())) {
        return OptionalDouble.of(Math.min(1, changed / rows));
      }
      changed += changed(each);
    }
    return OptionalDouble.empty();
  }

  private static @Nullable Snapshot parent(TableMetadata metadata, Snapshot snapshot) {
    Long id = snapshot.parentId();
    return id == null ? null : metadata.snapshot(id);
  }

  private static long changed(Snapshot snapshot) {
    if (DataOperations.REPLACE.equals(snapshot.operation())) {
      return 0;
    }
    long changed = 0;
    for (String each : CHANGES) {
      changed += number(snapshot.summary(), each);
    }
    return changed;
  }

  private static long number(@Nullable Map<String, String> summary, String key) {
    return summary == null ? 0 : PropertyUtil.propertyAsLong(summary, key, 0);
  }
}
