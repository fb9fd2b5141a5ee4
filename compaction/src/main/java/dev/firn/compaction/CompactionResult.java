package dev.firn.compaction;

import dev.firn.compaction.commit.RewriteCommit;
import java.util.OptionalLong;

/**
 * What a compaction did; {@code snapshotId} is that of its last commit, empty where nothing needed
 * doing, and the counts are then zero. {@code filesBefore} and {@code bytesBefore} count the data
 * files taken out, {@code filesAfter} and {@code bytesAfter} those put in. {@code conflictsRetried}
 * is how often another writer's change made it commit again, and {@code rowsRebased} how many of
 * the rows written others had deleted by then: they came into the table deleted. {@code groups} are
 * done, in {@code commits} snapshots; {@code groupsLeft} are planned too, but the budget was spent
 * before, or the thread interrupted.
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
    long rowsRebased,
    int commits,
    int groups,
    int groupsLeft) {
  static CompactionResult nothing(int conflictsRetried) {
    return new CompactionResult(
        OptionalLong.empty(), 0, 0, 0, 0, 0, 0, conflictsRetried, 0, 0, 0, 0);
  }

  static CompactionResult of(RewriteCommit.Committed committed, int groups) {
    return new CompactionResult(
        committed.snapshotId(),
        committed.sources(),
        committed.outputs(),
        committed.deleteFiles(),
        committed.bytesBefore(),
        committed.bytesAfter(),
        committed.rowsWritten(),
        committed.conflicts(),
        committed.rowsRebased(),
        committed.sources() > 0 ? 1 : 0,
        groups,
        0);
  }

  /** With what was done after it. */
  CompactionResult plus(CompactionResult later) {
    return new CompactionResult(
        later.snapshotId.isPresent() ? later.snapshotId : snapshotId,
        filesBefore + later.filesBefore,
        filesAfter + later.filesAfter,
        deleteFilesRemoved + later.deleteFilesRemoved,
        bytesBefore + later.bytesBefore,
        bytesAfter + later.bytesAfter,
        rowsWritten + later.rowsWritten,
        conflictsRetried + later.conflictsRetried,
        rowsRebased + later.rowsRebased,
        commits + later.commits,
        groups + later.groups,
        groupsLeft + later.groupsLeft);
  }

  /** With so many more groups that were not done. */
  CompactionResult left(int more) {
    return new CompactionResult(
        snapshotId,
        filesBefore,
        filesAfter,
        deleteFilesRemoved,
        bytesBefore,
        bytesAfter,
        rowsWritten,
        conflictsRetried,
        rowsRebased,
        commits,
        groups,
        groupsLeft + more);
  }
}
