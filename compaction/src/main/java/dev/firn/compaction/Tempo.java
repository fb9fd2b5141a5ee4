package dev.firn.compaction;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How fast a run may read, and whether there is time for more. Confined to one thread.
 *
 * <p>How it works: after each piece that was read it pauses until the bytes read so far are allowed
 * by the time that has passed. Whether there is time for a group is told by how fast those before
 * it went; the first one always has.
 */
final class Tempo {
  private final long bytesPerSecond;
  private final long limitNanos;
  private final LongSupplier clock;
  private final LongConsumer pause;
  private final long start;
  private long bytes;

  Tempo(CompactionOptions.Budget budget) {
    this(budget.bytesPerSecond(), budget.time(), System::nanoTime, LockSupport::parkNanos);
  }

  Tempo(
      long bytesPerSecond, @Nullable Duration limit, LongSupplier clock, LongConsumer pauseNanos) {
    this.bytesPerSecond = bytesPerSecond;
    this.limitNanos = limit == null ? Long.MAX_VALUE : limit.toNanos();
    this.clock = clock;
    this.pause = pauseNanos;
    this.start = clock.getAsLong();
  }

  /** Whether so many bytes can be rewritten before the time is over. */
  boolean hasTimeFor(long more) {
    long spent = clock.getAsLong() - start;
    if (spent >= limitNanos) {
      return false;
    }
    double predicted = bytes == 0 ? 0 : (double) spent / bytes * more;
    return spent + predicted <= limitNanos;
  }

  /**
   * Notes what was read, and pauses where that was too fast, or until the thread is interrupted.
   */
  void read(long more) {
    bytes += more;
    double due = bytes / (double) bytesPerSecond * 1e9;
    long wait = (long) due - (clock.getAsLong() - start);
    while (wait > 0 && !Thread.currentThread().isInterrupted()) {
      pause.accept(wait);
      wait = (long) due - (clock.getAsLong() - start);
    }
  }
}
