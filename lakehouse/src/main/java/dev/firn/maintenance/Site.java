package dev.firn.maintenance;

import dev.firn.compaction.CompactionProgress;
import dev.firn.compaction.policy.DueWork;
import dev.firn.compaction.policy.WorkKind;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;

/** One table, as it was when it was opened. Confined to one thread. */
public interface Site {
  /** Returns {@code namespace.table}. */
  String name();

  /** Returns the table's own id, which a table of the same name made later does not have. */
  String uuid();

  /** Returns Iceberg's handle. */
  Table table();

  /** Returns the metadata that the handle has. */
  TableMetadata metadata();

  /** Returns whether work of this kind can be done here. */
  boolean can(WorkKind kind);

  /**
   * Does the work, in the calling thread.
   *
   * @param progress is told how far it is, and may throw to have the work given up; what it throws
   *     leaves as it is, or as the cause of what leaves
   */
  Result run(DueWork work, CompactionProgress progress);
}
