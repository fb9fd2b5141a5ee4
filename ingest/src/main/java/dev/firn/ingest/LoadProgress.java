package dev.firn.ingest;

/** Told how a load goes on. Called now and then from the thread that runs it; may throw to stop. */
@FunctionalInterface
public interface LoadProgress {
  /** Tells nobody. */
  LoadProgress NONE = (phase, bytes, totalBytes, rows) -> {};

  /** The parts of a load, in order. */
  enum Phase {
    /** Finding the types. */
    INFERRING,
    /** Converting and writing rows. */
    LOADING,
    /** Making them visible; cannot be stopped any more. */
    COMMITTING
  }

  /**
   * Running totals of a phase.
   *
   * @param bytes read of the inputs, before decompression
   * @param totalBytes of all inputs
   * @param rows looked at
   */
  void update(Phase phase, long bytes, long totalBytes, long rows);
}
