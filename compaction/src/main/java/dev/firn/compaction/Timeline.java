package dev.firn.compaction;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.jspecify.annotations.Nullable;

/**
 * A table's snapshots as retention sees them: points in time with their parents, and the branches
 * and tags that hold some of them. Immutable.
 *
 * @param minToKeep how many ancestors of each branch stay at least, by the table's properties
 */
record Timeline(Collection<Point> points, Map<String, SnapshotRef> refs, int minToKeep) {
  /** A change that another engine has staged, by the entry of its summary; nothing refers to it. */
  private static final String STAGED = "wap.id";

  Timeline {
    points = List.copyOf(points);
    refs = Map.copyOf(refs);
  }

  /**
   * One snapshot.
   *
   * @param millis when it was committed, since the epoch
   * @param staged whether it was made to be published later
   */
  record Point(long id, @Nullable Long parent, long sequence, long millis, boolean staged) {}

  /** Of a table, without the branches and tags that are past their age at {@code now}. */
  static Timeline of(TableMetadata table, long now) {
    List<Point> points = new ArrayList<>();
    for (Snapshot snapshot : table.snapshots()) {
      points.add(
          new Point(
              snapshot.snapshotId(),
              snapshot.parentId(),
              snapshot.sequenceNumber(),
              snapshot.timestampMillis(),
              snapshot.summary() != null && snapshot.summary().containsKey(STAGED)));
    }
    Map<String, SnapshotRef> refs = new HashMap<>(table.refs());
    refs.keySet().removeAll(aged(table, now));
    return new Timeline(
        points,
        refs,
        table.propertyAsInt(
            TableProperties.MIN_SNAPSHOTS_TO_KEEP, TableProperties.MIN_SNAPSHOTS_TO_KEEP_DEFAULT));
  }

  /**
   * Returns the branches and tags that are past their {@code max-ref-age-ms}, or the table's {@code
   * history.expire.max-ref-age-ms}; never main.
   */
  static Set<String> aged(TableMetadata table, long now) {
    long byDefault =
        table.propertyAsLong(
            TableProperties.MAX_REF_AGE_MS, TableProperties.MAX_REF_AGE_MS_DEFAULT);
    Set<String> aged = new HashSet<>();
    table
        .refs()
        .forEach(
            (name, ref) -> {
              Snapshot head = table.snapshot(ref.snapshotId());
              Long own = ref.maxRefAgeMs();
              if (!name.equals(SnapshotRef.MAIN_BRANCH)
                  && head != null
                  && now - head.timestampMillis() > (own == null ? byDefault : own)) {
                aged.add(name);
              }
            });
    return aged;
  }

  List<SnapshotRef> branches() {
    return refs.values().stream().filter(SnapshotRef::isBranch).toList();
  }

  Map<Long, Point> byId() {
    Map<Long, Point> byId = new HashMap<>();
    points.forEach(point -> byId.put(point.id(), point));
    return byId;
  }
}
