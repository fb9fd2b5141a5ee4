package dev.firn.catalog.jdbc;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A channel as the database has it.
 *
 * @param epoch how often it has been opened or removed
 * @param token the last durable one; null before the first
 * @param snapshotId the snapshot that the last rows came with, which may have expired since; null
 *     where none came yet
 * @param updatedAt the database's clock when it was last opened or moved
 */
public record ChannelState(
    String channel,
    long epoch,
    @Nullable String token,
    @Nullable Long snapshotId,
    Instant updatedAt) {}
