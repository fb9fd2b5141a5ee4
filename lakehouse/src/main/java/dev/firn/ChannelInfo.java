package dev.firn;

import dev.firn.catalog.jdbc.ChannelState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A channel of a table.
 *
 * @param epoch how often it has been opened
 * @param token the last durable one; null before the first
 * @param snapshotId the snapshot that its last rows came with, which may have expired since; null
 *     before the first
 * @param updatedAt the database's clock when it was last opened or its token moved
 */
public record ChannelInfo(
    String channel,
    long epoch,
    @Nullable String token,
    @Nullable Long snapshotId,
    Instant updatedAt) {
  static ChannelInfo of(ChannelState state) {
    return new ChannelInfo(
        state.channel(), state.epoch(), state.token(), state.snapshotId(), state.updatedAt());
  }
}
