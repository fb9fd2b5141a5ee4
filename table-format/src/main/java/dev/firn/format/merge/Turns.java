package dev.firn.format.merge;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets columns into the file one after another. Thread-safe. Whoever has the lowest number never
 * waits, so that columns must be begun in their order. Others keep what they have, and leave it
 * here when they are done, as long as all that is kept fits.
 */
final class Turns {
  /** Bytes that wait for a turn, at most, but for a piece of each column at work. */
  static final long MOST = 48 << 20;

  private final Map<Integer, Runnable> left = new HashMap<>();
  private int current;
  private long kept;
  private boolean failed;

  synchronized boolean is(int column) {
    return current == column && !failed;
  }

  /** Accounts for memory in which a column keeps bytes, or no longer does. */
  synchronized void keep(long bytes) {
    kept += bytes;
  }

  synchronized boolean isFull() {
    return kept > MOST;
  }

  /** Returns when it is this column's turn. Fails once another column has failed. */
  synchronized void await(int column) {
    boolean interrupted = false;
    while (current != column && !failed) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // the one before still uses what this one would give up
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failed) {
      throw new IllegalStateException("another column failed");
    }
  }

  /**
   * Leaves {@code writing} to the column whose turn is before; false where it is this column's turn
   * now, or too much is kept.
   */
  synchronized boolean leave(int column, Runnable writing) {
    if (current == column || failed || isFull()) {
      return false;
    }
    left.put(column, writing);
    return true;
  }

  /** Ends a column's turn, and writes those after it that were left here. */
  void done(int column) {
    int ended = column;
    for (Runnable next = pass(ended); next != null; next = pass(ended)) {
      next.run();
      ended++;
    }
  }

  private synchronized @Nullable Runnable pass(int column) {
    current = column + 1;
    notifyAll();
    return left.remove(current);
  }

  synchronized void fail() {
    failed = true;
    notifyAll();
  }
}
