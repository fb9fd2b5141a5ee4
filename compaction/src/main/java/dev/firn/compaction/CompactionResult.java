package dev.firn.compaction;

import java.util.OptionalLong;

/** What a compaction did; {@code snapshotId} is empty where nothing needed doing. */
public record CompactionResult(
    OptionalLong snapshotId,
    int filesBefore,
    int filesAfter,
    int deleteFilesRemoved,
    long bytesBefore,
    long bytesAfter,
    long rowsWritten,
    int conflictsRetried) {}
