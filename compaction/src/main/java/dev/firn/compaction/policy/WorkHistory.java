package dev.firn.compaction.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * What was done to a table lately, by kind of work. Immutable.
 *
 * <p>A kind that failed is left alone for longer each time, and so is one that found nothing to do
 * though it was due.
 */
public record WorkHistory(Map<WorkKind, Past> past) {
  /** Nothing was ever done. */
  public static final WorkHistory NONE = new WorkHistory(Map.of());

  private static final Duration FIRST_FAILURE = Duration.ofSeconds(10);
  private static final Duration LAST_FAILURE = Duration.ofHours(1);
  private static final Duration FIRST_IDLE = Duration.ofMinutes(1);
  private static final Duration LAST_IDLE = Duration.ofDays(1);
  private static final int MOST_DOUBLINGS = 20;

  public WorkHistory {
    past = Map.copyOf(past);
  }

  /**
   * The runs of one kind of work.
   *
   * @param ended when the last one did
   * @param took how long it took
   * @param failures how many of the last ones failed, one after the other
   * @param idle how many of the last ones found nothing to do, one after the other
   */
  public record Past(Instant ended, Duration took, int failures, int idle) {}

  /**
   * Returns from when on work of this kind may run: after failures, after runs for nothing, and so
   * that it takes no more than {@code share} of the time.
   */
  Instant readyAt(WorkKind kind, double share) {
    Past last = past.get(kind);
    if (last == null) {
      return Instant.MIN;
    }
    Duration rest = Duration.ofMillis(Math.round(last.took().toMillis() * (1 - share) / share));
    rest = longer(rest, backoff(last.failures(), FIRST_FAILURE, LAST_FAILURE));
    rest = longer(rest, backoff(last.idle(), FIRST_IDLE, LAST_IDLE));
    return last.ended().plus(rest);
  }

  private static Duration backoff(int times, Duration first, Duration last) {
    if (times == 0) {
      return Duration.ZERO;
    }
    Duration wait = first.multipliedBy(1L << Math.min(times - 1, MOST_DOUBLINGS));
    return wait.compareTo(last) > 0 ? last : wait;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
