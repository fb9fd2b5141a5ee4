package dev.firn.change;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.SnapshotRef;

/** Replaces partitions of a table. Stateless. */
public final class TablePartitions {
  private TablePartitions() {}

  /**
   * Returns the step that takes away every row of the partitions that {@code files}, of one spec of
   * the table, are in: whole files where they are of that spec or have no partitions, and row by
   * row in files of other specs. The files themselves are the caller's to add.
   */
  public static ChangeStep replacedBy(ChangeTarget target, List<DataFile> files) {
    return new RuleStep(
        target,
        Command.DELETE,
        SnapshotRef.MAIN_BRANCH,
        false,
        (table, written) -> PartitionRule.of(table, files));
  }
}
