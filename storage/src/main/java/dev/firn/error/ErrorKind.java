package dev.firn.error;

/**
 * What the caller must do about a failure. Exit codes and HTTP statuses map from it in one table.
 */
public enum ErrorKind {
  /** The request is wrong: fix it. */
  INVALID,
  /** What the request names does not exist: name another, or create it. */
  NOT_FOUND,
  /** What the request would create exists: name another, or use it. */
  ALREADY_EXISTS,
  /** Another writer's change came first; nothing was applied: redo from a fresh base. */
  CONFLICT,
  /** Stored data is wrong: restore it, or leave it out. */
  CORRUPT,
  /** A store or database cannot be reached, is full, or is held by another process: retry. */
  UNAVAILABLE,
  /** The change may or may not have been applied: look, and clean nothing up. */
  COMMIT_STATE_UNKNOWN,
  /** A defect in Firn: report it. */
  INTERNAL;

  /** Whether a change that failed so was surely not applied: only then its files may go. */
  public boolean nothingApplied() {
    return this != COMMIT_STATE_UNKNOWN && this != INTERNAL;
  }
}
