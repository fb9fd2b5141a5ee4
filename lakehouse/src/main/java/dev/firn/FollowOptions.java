package dev.firn;

import java.time.Duration;

/**
 * How a table is followed. Immutable.
 *
 * @param poll how long at most until a commit of another process is seen; those of this process are
 *     seen at once
 * @param backlog where more snapshots than so many wait to be read, they are read as one: what
 *     differs between its ends, so that a row that came and went meanwhile is in no change
 */
public record FollowOptions(Duration poll, int backlog) {
  /** A look each second; every snapshot by itself. */
  public static final FollowOptions DEFAULT =
      new FollowOptions(Duration.ofSeconds(1), Integer.MAX_VALUE);

  public FollowOptions poll(Duration interval) {
    return new FollowOptions(interval, backlog);
  }

  public FollowOptions backlog(int snapshots) {
    return new FollowOptions(poll, snapshots);
  }
}
