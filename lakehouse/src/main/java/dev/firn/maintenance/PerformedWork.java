package dev.firn.maintenance;

import java.time.Instant;

/**
 * A piece of work that has ended, as the history keeps it.
 *
 * @param table its name at that time
 * @param kind as {@link dev.firn.compaction.policy.WorkKind#word}, or {@link Maintenance#LOOK}
 * @param outcome as {@link Outcome#word}
 * @param detail a JSON object: what was changed; {@code error}, what failed; or {@code reason}, why
 *     it was given up
 */
public record PerformedWork(
    String table, String kind, Instant startedAt, Instant endedAt, String outcome, String detail) {}
