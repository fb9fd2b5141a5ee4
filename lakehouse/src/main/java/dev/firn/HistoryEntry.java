package dev.firn;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One time that a snapshot became current on main.
 *
 * @param parentId null for the first one, or where the snapshot has expired
 * @param ancestor whether it is an ancestor of the current snapshot; false for what was rolled back
 * @param operation null where the snapshot has expired
 */
public record HistoryEntry(
    Instant madeCurrentAt,
    long snapshotId,
    @Nullable Long parentId,
    boolean ancestor,
    @Nullable String operation) {}
