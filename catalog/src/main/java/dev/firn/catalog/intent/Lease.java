package dev.firn.catalog.intent;

import java.time.Duration;

/**
 * How long a process counts as alive without a word from it.
 *
 * @param length from one renewal to the end of the lease
 * @param renewal between two renewals: several must fit into the length, or one lost answer ends it
 */
public record Lease(Duration length, Duration renewal) {
  /** What a process has unless told otherwise. */
  public static final Lease DEFAULT = new Lease(Duration.ofSeconds(60), Duration.ofSeconds(15));

  public Lease {
    if (renewal.isZero() || renewal.isNegative() || length.compareTo(renewal) <= 0) {
      throw new IllegalArgumentException(
          "A lease must outlast its renewals, got " + length + " renewed every " + renewal);
    }
  }
}
