package dev.firn.compaction.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kinds of maintenance. History names them by {@link #word}. */
public enum WorkKind {
  /** Merges small files of partitions that are written to: often, and no more than is cheap. */
  COMPACT_RECENT,
  /** Merges files of partitions that nobody writes to any more: once, to full size. */
  COMPACT_COLD,
  /** Rewrites files most of whose rows are deleted, or that have many delete files. */
  COMPACT_DELETES,
  /** Turns equality deletes into deletes by position. */
  CONVERT_DELETES,
  /** Turns position delete files of version 3 tables into deletion vectors. */
  CONVERT_POSITION_DELETES,
  /** Forgets delete files that apply to no data file any more. */
  REMOVE_DANGLING_DELETES,
  /** Deletes rows that are older than the table keeps them. */
  DROP_OLD_ROWS,
  /** Expires snapshots by the table's graded retention. */
  EXPIRE_SNAPSHOTS,
  /** Merges small manifests. */
  MERGE_MANIFESTS,
  /** Removes what dead writers left, by the ledger of write intents. */
  SWEEP,
  /** Counts distinct values, and what partitions hold. */
  COMPUTE_STATISTICS;

  /** Returns its name in history and in output, such as {@code compact-recent}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns the kind of that name; history may be of a newer Firn, which has others. */
  public static Optional<WorkKind> find(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }
}
