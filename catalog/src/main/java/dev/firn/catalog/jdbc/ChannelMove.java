package dev.firn.catalog.jdbc;

/**
 * The step of a channel that a commit takes along: refused where another writer has opened the
 * channel since, and so raised its epoch.
 *
 * @param tableUuid the table, by its own id: a table of the same name made anew has other channels
 * @param token what the channel's next reader resumes from
 * @param snapshotId the snapshot that made the token durable
 */
public record ChannelMove(
    String tableUuid, String channel, long epoch, String token, long snapshotId) {}
