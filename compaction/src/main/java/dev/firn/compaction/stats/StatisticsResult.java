package dev.firn.compaction.stats;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a computation of statistics found and committed. Immutable.
 *
 * @param snapshotId the snapshot that they are of; null where the table has none yet
 * @param rows that were read
 * @param statisticsFile where the distinct counts are; null where no column was asked for
 * @param partitionFile where the partitions' totals are; null where the table has no partitions
 */
public record StatisticsResult(
    @Nullable Long snapshotId,
    List<Distinct> columns,
    long rows,
    @Nullable String statisticsFile,
    @Nullable String partitionFile) {

  /** About how many distinct values a column has; nulls and empty values do not count. */
  public record Distinct(String column, int fieldId, long values) {}
}
