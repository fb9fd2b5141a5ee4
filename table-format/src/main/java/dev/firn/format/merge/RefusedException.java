package dev.firn.format.merge;

/** Thrown inside a merge where a file turns out not to be mergeable; never leaves the package. */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RefusedException(String obstacle) {
    super(obstacle);
  }
}
