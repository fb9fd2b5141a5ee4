package dev.firn.format.write.key;

import java.util.Arrays;

/**
 * Where the numbers of a column lie among a sample of them: so that each bit of a rank halves the
 * rows, however the values are spread. Between two values of the sample a rank is interpolated.
 * Immutable.
 */
final class Ranks {
  private static final int MOST_CUTS = 4096;

  private final long[] cuts;

  private Ranks(long[] cuts) {
    this.cuts = cuts;
  }

  static Ranks of(long[] sample) {
    long[] sorted = sample.clone();
    Arrays.sort(sorted);
    int count = Math.min(MOST_CUTS, sorted.length);
    long[] cuts = new long[count];
    for (int i = 0; i < count; i++) {
      cuts[i] = sorted[(int) ((long) i * (sorted.length - 1) / Math.max(1, count - 1))];
    }
    return new Ranks(Arrays.stream(cuts).distinct().toArray());
  }

  /** Between 1 and {@code most}, in the order of the values; 0 is left to null. */
  long of(long word, long most) {
    if (cuts.length < 2 || word <= cuts[0]) {
      return 1;
    }
    int last = cuts.length - 1;
    if (word >= cuts[last]) {
      return most;
    }
    int found = Arrays.binarySearch(cuts, word);
    int below = found >= 0 ? found : -found - 2;
    double width = (double) cuts[below + 1] - cuts[below];
    double part = Math.min(1, ((double) word - cuts[below]) / width);
    return 1 + (long) ((below + part) / last * (most - 1));
  }
}
