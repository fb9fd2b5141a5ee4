package dev.firn.compaction.policy;

import java.time.Instant;
import java.util.List;
import org.apache.iceberg.expressions.Expression;

/**
 * The live files of one partition of a table's head. Small files are those below three quarters of
 * the target size, which a compaction merges.
 *
 * @param path as in the table's directories; empty where the table is not partitioned
 * @param filter true of the rows of this partition, and maybe of others
 * @param files how many data files, of {@code bytes} with {@code rows} rows, deleted ones included
 * @param deleteFiles delete files of every kind, deletion vectors included
 * @param equalityDeletes equality delete files among them
 * @param positionDeletes position delete files among them, without deletion vectors
 * @param deletedRows rows that position deletes and deletion vectors name
 * @param unsortedFiles data files that were not written in the table's sort order, where it has one
 * @param danglingDeletes whether a delete file is older than all data files, so that it deletes
 *     nothing
 * @param lastChange when files were last added, or earlier where nobody knows any more
 * @param oldestSmall since when the oldest small file waits, or later where nobody knows
 * @param tiers small files by size, smallest first; their counts add up to {@code smallFiles}
 */
public record PartitionHealth(
    String path,
    Expression filter,
    long files,
    long bytes,
    long rows,
    long smallFiles,
    long smallBytes,
    long deleteFiles,
    long equalityDeletes,
    long positionDeletes,
    long deletedRows,
    long unsortedFiles,
    boolean danglingDeletes,
    Instant lastChange,
    Instant oldestSmall,
    List<Tier> tiers) {
  public PartitionHealth {
    tiers = List.copyOf(tiers);
  }

  /** Small files below {@code limit} bytes, and not below the limit of the tier before. */
  public record Tier(long limit, long files, long bytes) {}

  /** Returns which part of the rows is deleted, from 0 to 1. */
  public double deletedShare() {
    return rows == 0 ? 0 : Math.min(1, (double) deletedRows / rows);
  }

  /** Returns how many files fewer there would be if the small ones were merged. */
  public long spareFiles(long targetBytes) {
    return Math.max(0, smallFiles - Math.max(1, (smallBytes + targetBytes - 1) / targetBytes));
  }
}
