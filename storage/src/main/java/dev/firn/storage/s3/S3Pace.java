package dev.firn.storage.s3;

import software.amazon.awssdk.core.exception.AbortedException;

/**
 * How many requests go at once: as many as there are connections, fewer while the store asks to
 * slow down. Thread-safe.
 *
 * <p>How it works: additive increase, multiplicative decrease. An answer that says so takes a third
 * of the limit away, at most once in each group of as many calls as the limit; each call that ends
 * gives back a fraction, one for a whole group. Unlike the SDK's adaptive mode, which counts
 * requests in a second and falls to one in two seconds, it never has less than one request on its
 * way; what waits between tries is the SDK's backoff.
 */
final class S3Pace {
  private static final double DECREASE = 2.0 / 3;

  private final int most;
  private double limit;
  private int running;
  private int endedSinceDecrease;

  S3Pace(int most) {
    this.most = most;
    this.limit = most;
    this.endedSinceDecrease = most;
  }

  /** Waits until one more request may go; {@link #leave()} must follow. */
  synchronized void enter() {
    try {
      while (running >= (int) limit) {
        wait();
      }
      running++;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AbortedException.create("interrupted while waiting for a connection", e);
    }
  }

  synchronized void leave() {
    running--;
    endedSinceDecrease++;
    limit = Math.min(most, limit + 1 / limit);
    notifyAll();
  }

  /** The store asked to slow down. */
  synchronized void slowDown() {
    if (endedSinceDecrease >= (int) limit) {
      limit = Math.max(1, limit * DECREASE);
      endedSinceDecrease = 0;
    }
  }

  synchronized int limit() {
    return (int) limit;
  }
}
