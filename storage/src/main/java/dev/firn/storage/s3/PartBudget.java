package dev.firn.storage.s3;

import java.util.concurrent.Semaphore;

/**
 * How many bytes of parts the writers of a store may have on their way at once. Thread-safe; first
 * come, first served.
 *
 * <p>A writer holds the part that it fills beside the budget and asks for room once that part is
 * full. What holds room is a request, which ends by itself: so writers wait for requests, never for
 * each other.
 */
final class PartBudget {
  private static final int UNIT = 1024;

  private final int capacity;
  private final Semaphore free;

  PartBudget(long bytes) {
    capacity = Math.max(1, units(bytes));
    free = new Semaphore(capacity, true);
  }

  /**
   * Waits for room. A part that is larger than the whole budget goes alone.
   *
   * @return what to {@link #release}
   */
  int acquire(long bytes) throws InterruptedException {
    int units = Math.min(capacity, Math.max(1, units(bytes)));
    free.acquire(units);
    return units;
  }

  void release(int units) {
    free.release(units);
  }

  /** How many bytes are not in use. */
  long freeBytes() {
    return (long) free.availablePermits() * UNIT;
  }

  private static int units(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, (bytes + UNIT - 1) / UNIT);
  }
}
