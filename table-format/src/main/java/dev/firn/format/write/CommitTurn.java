package dev.firn.format.write;

/**
 * Operations of a table whose commits take turns, so that a writer that has lost a turn can ask for
 * the next one: what it reads then, it can commit on.
 */
public interface CommitTurn {
  /**
   * Lets nobody of this process commit from the next refresh through these operations to the next
   * commit through them, or until it is released, but no longer than some seconds.
   */
  void claim();

  /** Gives back what was claimed and has not been used. Idempotent. */
  void release();
}
