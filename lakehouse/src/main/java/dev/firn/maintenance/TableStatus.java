package dev.firn.maintenance;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a service knows of a table.
 *
 * @param work what is being done now, as {@link dev.firn.compaction.policy.WorkKind#word}; null for
 *     nothing
 * @param reason why; null for nothing
 * @param bytesDone how far it is, of {@code bytesTotal}; both 0 where it does not tell
 * @param lookedAt when the table was last looked at without an error, by the ledger's clock; null
 *     for never
 * @param error what has gone wrong since; null for nothing
 */
public record TableStatus(
    String table,
    @Nullable String work,
    @Nullable String reason,
    long bytesDone,
    long bytesTotal,
    @Nullable Instant lookedAt,
    @Nullable String error) {}
