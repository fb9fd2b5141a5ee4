package dev.firn.maintenance;

/** Thrown through work that is to be given up: it unwinds, and commits nothing. */
final class WorkAbandoned extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WorkAbandoned(String reason) {
    super(reason, null, false, false);
  }
}
