package dev.firn.catalog.jdbc;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

/**
 * How long one call tries again: with growing, random pauses, until a time has passed. Interruption
 * does not end it, so that no commit is left half decided; the flag is back when it is closed.
 * Confined to one thread.
 */
final class Patience implements AutoCloseable {
  /** Outlasts the restart of a database. */
  static final Duration TOTAL = Duration.ofSeconds(15);

  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LAST_PAUSE_MILLIS = 2_000;

  private final long start = System.nanoTime();
  private final long totalMillis;
  private final int tries;
  private int failed;
  private boolean interrupted = Thread.interrupted();

  Patience(Duration total, int tries) {
    this.totalMillis = total.toMillis();
    this.tries = tries;
  }

  /** Waits before the next try; returns false where none is left. */
  boolean again() {
    interrupted |= Thread.interrupted();
    long left = leftMillis();
    if (++failed >= tries || left <= 0) {
      return false;
    }
    long most = Math.min(LAST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failed, 16));
    pause(Math.min(left, ThreadLocalRandom.current().nextLong(most / 2, most + 1)));
    return true;
  }

  /** Waits for a lock; returns false where it was not to be had in time. */
  boolean acquire(Lock lock) {
    while (true) {
      try {
        return lock.tryLock(Math.max(0, leftMillis()), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  long leftMillis() {
    return totalMillis - (System.nanoTime() - start) / 1_000_000;
  }

  private void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      interrupted = true;
    }
  }

  @Override
  public void close() {
    if (interrupted || Thread.interrupted()) {
      Thread.currentThread().interrupt();
    }
  }
}
