package dev.firn;

import dev.firn.scan.change.ChangeRequest;
import dev.firn.scan.change.FollowedChanges;
import dev.firn.scan.change.Follower;
import java.time.Duration;
import java.util.Optional;
import org.apache.iceberg.Table;

/**
 * A stream out of a table: the changes of one snapshot after the other, those to come included. A
 * cursor: {@link #next} is for one thread; {@link #close} and {@link #token} are for any.
 *
 * <p>It starts no thread and holds no rows; what waits to be read stays in the table. Nor does it
 * hold snapshots back from expiry: a reader must not lag behind longer than the table keeps
 * snapshots. One that did is told so by NOT_FOUND, with the oldest snapshot to start from: read the
 * table as of it, then follow from it. A table that was rolled back below what was read is INVALID.
 */
public final class ChangeStream implements AutoCloseable {
  private static final Duration FOREVER = Duration.ofDays(36_500);

  private final String doing;
  private final Follower follower;
  private final ScanResources resources;
  private final Runnable unlisten;

  private ChangeStream(
      String doing, Follower follower, ScanResources resources, Runnable unlisten) {
    this.doing = doing;
    this.follower = follower;
    this.resources = resources;
    this.unlisten = unlisten;
  }

  static ChangeStream open(
      String doing,
      TableCommits commits,
      ChangeRequest request,
      ScanResources resources,
      FollowOptions options) {
    Table own = commits.load();
    Follower follower =
        new Follower(
            () -> {
              own.refresh();
              return own;
            },
            request,
            resources.decoding(),
            options.poll(),
            options.backlog());
    Runnable unlisten =
        commits.catalog().isOurs()
            ? commits
                .catalog()
                .listen(
                    (table, current) -> {
                      if (table.equals(commits.table())) {
                        follower.wake();
                      }
                    })
            : () -> {};
    return new ChangeStream(doing, follower, resources, unlisten);
  }

  /**
   * Waits for the next snapshot that changed rows. Calling it says that the changes it returned
   * before are worked on: {@link #token} is then behind them. Empty once the stream is closed.
   */
  public Optional<SnapshotChanges> next() {
    return next(FOREVER);
  }

  /** As {@link #next()}, empty also where {@code atMost} has passed. */
  public Optional<SnapshotChanges> next(Duration atMost) {
    return Guard.call(doing, () -> Optional.ofNullable(follower.next(atMost)).map(this::changes));
  }

  private SnapshotChanges changes(FollowedChanges changes) {
    return new SnapshotChanges(doing, changes, resources);
  }

  /**
   * Returns where to go on, in this process or another: opaque text for {@link
   * LakeChanges#fromToken} of the same table. Whoever keeps it with what it made of the changes
   * gets each change exactly once; see {@link SnapshotChanges#token()}.
   */
  public String token() {
    return follower.token().toString();
  }

  /** Ends {@link #next} at once. Cursors that are open stay their reader's. */
  @Override
  public void close() {
    unlisten.run();
    follower.close();
  }
}
