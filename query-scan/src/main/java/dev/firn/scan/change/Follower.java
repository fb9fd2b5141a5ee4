package dev.firn.scan.change;

import dev.firn.error.FirnException;
import dev.firn.scan.Decoding;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the snapshots of a branch, and gives the changes of each, in order: a cursor that has
 * no end until it is closed. {@link #next} is for one thread; {@link #close}, {@link #wake} and
 * {@link #token} are for any.
 *
 * <p>It holds no snapshot back from expiry. A reader that is too slow, or comes back too late, is
 * told (not found) from which snapshot on it can go on.
 */
public final class Follower implements AutoCloseable {
  private final Supplier<Table> refreshed;
  private final ChangeRequest request;
  private final Decoding decoding;
  private final Duration poll;
  private final int backlog;
  private final Object monitor = new Object();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private boolean closed;
  private boolean woken;
  private FeedToken done;
  private FeedToken given;

  /** Changes that are there to be read. */
  private record Pending(ChangeStep step, ChangeScanner scanner, StepColumns columns) {}

  /**
   * Begins where the request begins, which must be available. Its end is not looked at.
   *
   * @param refreshed gives the table in its newest state
   * @param poll how long at most until a commit is seen that nobody tells of by {@link #wake}
   * @param backlog where more snapshots than so many wait, they are read as one, net
   */
  public Follower(
      Supplier<Table> refreshed,
      ChangeRequest request,
      Decoding decoding,
      Duration poll,
      int backlog) {
    if (poll.isNegative() || poll.isZero() || backlog < 1) {
      throw FirnException.invalid(
          "Cannot follow a table: expected an interval above zero and a backlog of at least one snapshot, got %s and %d"
              .formatted(poll, backlog));
    }
    if (request.mode() == ChangeRequest.Mode.NET) {
      throw FirnException.invalid(
          "Cannot follow a table by net differences: what comes has no end yet; follow snapshot by snapshot, with a backlog limit where that is too much");
    }
    this.refreshed = refreshed;
    this.request = request;
    this.decoding = decoding;
    this.poll = poll;
    this.backlog = backlog;
    Table table = refreshed.get();
    this.done = FeedToken.of(table, ChangeRange.start(table, request));
    this.given = done;
  }

  /**
   * Waits for the next snapshot that changed rows. Asking for it says that those of the one before
   * are read. Null where {@code atMost} has passed, or the follower is closed.
   */
  public @Nullable FollowedChanges next(Duration atMost) {
    long deadline =
        System.nanoTime() + Math.min(atMost.toMillis(), Long.MAX_VALUE / 2_000_000) * 1_000_000;
    synchronized (monitor) {
      done = given;
    }
    while (!isClosed()) {
      synchronized (monitor) {
        woken = false;
      }
      if (pending.isEmpty()) {
        look();
      }
      Pending next = pending.poll();
      if (next != null) {
        return give(next);
      }
      if (!await(deadline)) {
        return null;
      }
    }
    return null;
  }

  private @Nullable FollowedChanges give(Pending next) {
    synchronized (monitor) {
      if (closed) {
        return null;
      }
      given = new FeedToken(done.table(), next.step().after().snapshotId());
      return new FollowedChanges(next.scanner(), request, next.step(), next.columns(), given);
    }
  }

  private void look() {
    Table table = refreshed.get();
    ChangeRange range = ChangeRange.of(table, request.from(new ChangePoint.Token(token())));
    Snapshot to = range.to();
    if (to == null) {
      return;
    }
    ChangeScanner scanner = new ChangeScanner(table, decoding);
    StepColumns columns = scanner.columns(request, range);
    Snapshot before = table.snapshot(token().snapshotId());
    boolean known = before != null || token().snapshotId() == FeedToken.NOTHING;
    if (known && range.steps().size() > backlog && request.mode() == ChangeRequest.Mode.EACH) {
      pending.add(new Pending(new ChangeStep(before, to, false, 0), scanner, columns));
      return;
    }
    for (ChangeStep step : range.steps()) {
      ChangeStep alone = new ChangeStep(step.before(), step.after(), step.appended(), 0);
      pending.add(new Pending(alone, scanner, columns));
    }
    if (pending.isEmpty()) {
      // Compactions alone: nothing is left to read before them.
      synchronized (monitor) {
        done = new FeedToken(done.table(), to.snapshotId());
        given = done;
      }
    }
  }

  /** Waits for news; false where the deadline has passed. */
  private boolean await(long deadline) {
    long until = Math.min(deadline, System.nanoTime() + poll.toNanos());
    synchronized (monitor) {
      while (!closed && !woken) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          break;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(monitor, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw FirnException.unavailable(
              "Cannot wait for changes: the thread was interrupted; go on from the token", e);
        }
      }
      return closed || System.nanoTime() < deadline;
    }
  }

  /** Tells that there may be a new snapshot. */
  public void wake() {
    synchronized (monitor) {
      woken = true;
      monitor.notifyAll();
    }
  }

  private boolean isClosed() {
    synchronized (monitor) {
      return closed;
    }
  }

  /** Returns where to go on, in any process: after the last snapshot that was read. */
  public FeedToken token() {
    synchronized (monitor) {
      return done;
    }
  }

  /** Ends {@link #next} at once. What it returned before is its reader's to close. */
  @Override
  public void close() {
    synchronized (monitor) {
      closed = true;
      monitor.notifyAll();
    }
  }
}
