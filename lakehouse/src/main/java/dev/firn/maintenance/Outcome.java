package dev.firn.maintenance;

import java.util.Locale;

/** How a piece of work ended. */
public enum Outcome {
  /** It changed the table. */
  DONE,
  /** There was nothing to do after all. */
  NOTHING,
  /**
   * It failed; the table is as it was, or where the commit's state is unknown, whole either way.
   */
  FAILED,
  /** It was given up before its commit: closed, paused, or the lease was lost. */
  ABANDONED;

  /** Returns its name in history and output. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
