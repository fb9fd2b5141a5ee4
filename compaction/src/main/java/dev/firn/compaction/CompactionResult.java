package dev.firn.compaction;

import java.util.OptionalLong;

/**
 * What a compaction did; {@code snapshotId} is empty where nothing needed doing, and the counts are
 * then zero. {@code filesBefore} and {@code bytesBefore} count the data files taken out, {@code
 * filesAfter} and {@code bytesAfter} those put in. {@code conflictsRetried} is how often another
 * writer's change made it check, and where needed redo, its work.
 */
public record CompactionResult(
    OptionalLong snapshotId,
    int filesBefore,
    int filesAfter,
    int deleteFilesRemoved,
    long bytesBefore,
    long bytesAfter,
    long rowsWritten,
    int conflictsRetried) {
  static CompactionResult nothing(int conflictsRetried) {
    return new CompactionResult(OptionalLong.empty(), 0, 0, 0, 0, 0, 0, conflictsRetried);
  }
}
