package dev.firn.compaction;

import dev.firn.compaction.commit.RewriteCommit;
import java.util.OptionalLong;

/**
 * What a compaction did; {@code snapshotId} is empty where nothing needed doing, and the counts are
 * then zero. {@code filesBefore} and {@code bytesBefore} count the data files taken out, {@code
 * filesAfter} and {@code bytesAfter} those put in. {@code conflictsRetried} is how often another
 * writer's change made it commit again, and {@code rowsRebased} how many of the rows written others
 * had deleted by then: they came into the table deleted.
 */
public record CompactionResult(
    OptionalLong snapshotId,
    int filesBefore,
    int filesAfter,
    int deleteFilesRemoved,
    long bytesBefore,
    long bytesAfter,
    long rowsWritten,
    int conflictsRetried,
    long rowsRebased) {
  static CompactionResult nothing(int conflictsRetried) {
    return new CompactionResult(OptionalLong.empty(), 0, 0, 0, 0, 0, 0, conflictsRetried, 0);
  }

  static CompactionResult of(RewriteCommit.Committed committed) {
    return new CompactionResult(
        committed.snapshotId(),
        committed.sources(),
        committed.outputs(),
        committed.deleteFiles(),
        committed.bytesBefore(),
        committed.bytesAfter(),
        committed.rowsWritten(),
        committed.conflicts(),
        committed.rowsRebased());
  }
}
