package dev.firn.maintenance;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Counts of one service. Thread-safe. */
final class Counters {
  private final LongAdder looks = new LongAdder();
  private final LongAdder done = new LongAdder();
  private final LongAdder nothing = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder abandoned = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  void looked() {
    looks.increment();
  }

  void ended(Outcome outcome, Duration took, long bytesRead) {
    nanos.add(took.toNanos());
    bytes.add(bytesRead);
    switch (outcome) {
      case DONE -> done.increment();
      case NOTHING -> nothing.increment();
      case FAILED -> failed.increment();
      case ABANDONED -> abandoned.increment();
    }
  }

  MaintenanceMetrics snapshot() {
    return new MaintenanceMetrics(
        looks.sum(),
        done.sum(),
        nothing.sum(),
        failed.sum(),
        abandoned.sum(),
        bytes.sum(),
        Duration.ofNanos(nanos.sum()));
  }
}
