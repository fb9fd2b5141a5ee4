package dev.firn.cli.command;

import java.util.Map;
import org.apache.iceberg.SnapshotSummary;
import org.jspecify.annotations.Nullable;

/**
 * Counts of rows as a reader sees them, from a snapshot's summary alone. Iceberg's own are of rows
 * in data files, beside those of the positions that delete files and deletion vectors hide. A count
 * is null where the writer stated no totals, or where equality deletes make it unknown.
 */
record RowCounts(Map<String, String> summary) {
  /** Rows that the snapshot brought, those that a compaction wrote again included. */
  @Nullable Long addedRows() {
    return stated() ? change(SnapshotSummary.ADDED_RECORDS_PROP) : null;
  }

  /** Rows that the snapshot took: live rows before, and added ones, less live rows after. */
  @Nullable Long deletedRows() {
    boolean byEquality =
        change(SnapshotSummary.ADDED_EQ_DELETES_PROP) > 0
            || change(SnapshotSummary.REMOVED_EQ_DELETES_PROP) > 0;
    if (!stated() || byEquality) {
      return null;
    }
    // A deletion vector replaces the one before it, whose positions it holds too.
    return Math.max(
        0,
        change(SnapshotSummary.DELETED_RECORDS_PROP)
            + change(SnapshotSummary.ADDED_POS_DELETES_PROP)
            - change(SnapshotSummary.REMOVED_POS_DELETES_PROP));
  }

  @Nullable Long liveRows() {
    Long records = total(SnapshotSummary.TOTAL_RECORDS_PROP);
    if (records == null || change(SnapshotSummary.TOTAL_EQ_DELETES_PROP) > 0) {
      return null;
    }
    return records - change(SnapshotSummary.TOTAL_POS_DELETES_PROP);
  }

  /** Returns what the summary states, or null. */
  @Nullable Long total(String key) {
    String value = summary.get(key);
    try {
      return value == null ? null : Long.valueOf(value);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private boolean stated() {
    return total(SnapshotSummary.TOTAL_RECORDS_PROP) != null;
  }

  /** Iceberg leaves out what is zero. */
  private long change(String key) {
    Long value = total(key);
    return value == null ? 0 : value;
  }
}
