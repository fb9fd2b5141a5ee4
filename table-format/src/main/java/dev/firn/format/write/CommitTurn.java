package dev.firn.format.write;

import java.time.Duration;

/**
 * Operations of a table whose commits take turns, so that a writer that has lost a turn can ask for
 * the next one: what it reads then, it can commit on.
 */
public interface CommitTurn {
  /**
   * Lets nobody of this process commit from the next refresh through these operations to the next
   * commit through them, but no longer than a few times {@code needed}.
   *
   * @param needed about how long it takes from that refresh to that commit
   */
  void claim(Duration needed);

  /** Gives back what was claimed and has not been used. Idempotent. */
  void release();
}
