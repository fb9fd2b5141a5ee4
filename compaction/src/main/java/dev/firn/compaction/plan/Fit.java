package dev.firn.compaction.plan;

/**
 * How many files some bytes make, and how large each is to be. Immutable.
 *
 * @param bytes of live rows, about
 * @param files about how many come out
 * @param fileBytes at which size files are to be closed
 * @param isEven whether all of them come out within 5 % of the target size
 */
record Fit(long bytes, int files, long fileBytes, boolean isEven) {
  /** Files may be that much off the target, where that leaves no smaller one at the end. */
  private static final double TOLERANCE = 0.05;

  /** A little more than an even share, so that rounding does not leave one more file. */
  private static final long SLACK = 5 << 10;

  static Fit of(long bytes, int files, long targetBytes) {
    double share = (double) bytes / files;
    boolean even = Math.abs(share - targetBytes) <= targetBytes * TOLERANCE;
    // All of it is missing from the last file.
    long slack = Math.min(SLACK, targetBytes / (8L * files));
    return new Fit(bytes, files, even ? (long) share + slack : targetBytes, even);
  }
}
