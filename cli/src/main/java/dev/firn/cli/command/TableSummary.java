package dev.firn.cli.command;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * The totals of a snapshot, from its summary alone: no manifest is read. A total is null where the
 * writer did not state it.
 *
 * @param rows live rows; null also where equality deletes make the number unknown
 */
record TableSummary(
    @Nullable Long snapshotId,
    @Nullable Instant committedAt,
    @Nullable Long rows,
    @Nullable Long dataFiles,
    @Nullable Long deleteFiles,
    @Nullable Long bytes) {

  static TableSummary of(Table table) {
    return of(table.currentSnapshot());
  }

  /** Null stands for a table without snapshots. */
  static TableSummary of(@Nullable Snapshot current) {
    if (current == null) {
      return new TableSummary(null, null, 0L, 0L, 0L, 0L);
    }
    RowCounts totals = new RowCounts(current.summary() == null ? Map.of() : current.summary());
    return new TableSummary(
        current.snapshotId(),
        Instant.ofEpochMilli(current.timestampMillis()),
        totals.liveRows(),
        totals.total(SnapshotSummary.TOTAL_DATA_FILES_PROP),
        totals.total(SnapshotSummary.TOTAL_DELETE_FILES_PROP),
        totals.total(SnapshotSummary.TOTAL_FILE_SIZE_PROP));
  }

  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("rows", rows);
    map.put("data_files", dataFiles);
    map.put("delete_files", deleteFiles);
    map.put("bytes", bytes);
    map.put("snapshot_id", snapshotId);
    map.put("committed_at", committedAt);
    return map;
  }
}
