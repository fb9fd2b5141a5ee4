package dev.firn.catalog.jdbc;

/**
 * The step of a channel that a commit takes along: refused where another writer has opened the
 * channel since, and so raised its epoch, or where the step before it was not applied.
 *
 * @param tableUuid the table, by its own id: a table of the same name made anew has other channels
 * @param epoch what opening the channel returned
 * @param step 1 for the writer's first move since it opened the channel, then one more each: so a
 *     move whose predecessor failed fails too, whatever became of its group
 * @param token what the channel's next reader resumes from; see {@link Channels#checkToken}
 * @param snapshotId the snapshot that made the token durable, or {@link #NO_SNAPSHOT}
 */
public record ChannelMove(
    String tableUuid, String channel, long epoch, long step, String token, long snapshotId) {
  /** Of a move whose snapshot is not known yet, or that comes without rows. */
  public static final long NO_SNAPSHOT = -1;

  public ChannelMove {
    Channels.checkToken(channel, token);
  }

  /** The same move, once the commit knows its snapshot. */
  public ChannelMove withSnapshot(long id) {
    return new ChannelMove(tableUuid, channel, epoch, step, token, id);
  }
}
