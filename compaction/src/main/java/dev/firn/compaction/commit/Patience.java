package dev.firn.compaction.commit;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * How long a commit goes on after rounds that were lost, and how long it waits between. Immutable.
 *
 * @param atMost from the first round
 */
record Patience(Duration atMost) {
  private static final long SHORTEST_MILLIS = 5;
  private static final int DOUBLINGS = 7;

  /** Waits for a random time that grows with the rounds lost in a row, at most 0.6 seconds. */
  void pause(int lost) {
    long most = SHORTEST_MILLIS << Math.min(lost, DOUBLINGS);
    try {
      TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(most) + 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException cancelled =
          new CancellationException("Cannot commit a compaction: the thread was interrupted");
      cancelled.initCause(e);
      throw cancelled;
    }
  }

  boolean isOver(long startNanos) {
    return System.nanoTime() - startNanos > atMost.toNanos();
  }
}
