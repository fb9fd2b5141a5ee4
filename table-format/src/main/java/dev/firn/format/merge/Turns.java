package dev.firn.format.merge;

/**
 * Lets columns into the file one after another. Thread-safe. Whoever has the lowest number never
 * waits, so that columns must be begun in their order.
 */
final class Turns {
  private int current;
  private boolean failed;

  synchronized boolean is(int column) {
    return current == column && !failed;
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

  synchronized void done(int column) {
    current = column + 1;
    notifyAll();
  }

  synchronized void fail() {
    failed = true;
    notifyAll();
  }
}
