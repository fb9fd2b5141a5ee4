package dev.firn.format.write.key;

import java.util.List;

/**
 * Sorts picks (source in the upper 32 bits, row in the lower) by the sources' keys. Stable. Reuses
 * its arrays. Confined to one thread.
 *
 * <p>How it works: a merge sort from the bottom up, runs of 16 by insertion; the first eight bytes
 * of each key travel with its pick, and only where they tie are keys compared in memory.
 */
public final class RowSort {
  private static final int RUN = 16;

  private final List<Keys> keys;
  private long[] prefixes = {};
  private long[] sparePicks = {};
  private long[] sparePrefixes = {};

  /** {@code keys} are those of the sources, in their order. */
  public RowSort(List<Keys> keys) {
    this.keys = keys;
  }

  /** Sorts {@code picks[from, to)} in place. */
  public void sort(long[] picks, int from, int to) {
    int count = to - from;
    if (prefixes.length < count) {
      prefixes = new long[count];
      sparePicks = new long[count];
      sparePrefixes = new long[count];
    }
    for (int i = 0; i < count; i++) {
      prefixes[i] = keys.get((int) (picks[from + i] >>> 32)).prefix((int) picks[from + i]);
    }
    if (isSorted(picks, from, count)) {
      return;
    }
    System.arraycopy(picks, from, sparePicks, 0, count);
    long[] a = sparePicks;
    long[] ap = prefixes;
    for (int start = 0; start < count; start += RUN) {
      insertion(a, ap, start, Math.min(count, start + RUN));
    }
    long[] b = new long[count];
    long[] bp = sparePrefixes;
    for (long width = RUN; width < count; width *= 2) {
      for (long start = 0; start < count; start += 2 * width) {
        int middle = (int) Math.min(count, start + width);
        merge(a, ap, (int) start, middle, (int) Math.min(count, start + 2 * width), b, bp);
      }
      long[] swap = a;
      a = b;
      b = swap;
      swap = ap;
      ap = bp;
      bp = swap;
    }
    System.arraycopy(a, 0, picks, from, count);
  }

  private boolean isSorted(long[] picks, int from, int count) {
    for (int i = 1; i < count; i++) {
      if (after(picks[from + i - 1], prefixes[i - 1], picks[from + i], prefixes[i])) {
        return false;
      }
    }
    return true;
  }

  /** Whether the first row's key is greater than the second's. */
  private boolean after(long pick, long prefix, long other, long otherPrefix) {
    if (prefix != otherPrefix) {
      return Long.compareUnsigned(prefix, otherPrefix) > 0;
    }
    Keys mine = keys.get((int) (pick >>> 32));
    return mine.compare((int) pick, keys.get((int) (other >>> 32)), (int) other) > 0;
  }

  private void insertion(long[] picks, long[] prefixes, int from, int to) {
    for (int i = from + 1; i < to; i++) {
      long pick = picks[i];
      long prefix = prefixes[i];
      int at = i;
      while (at > from && after(picks[at - 1], prefixes[at - 1], pick, prefix)) {
        picks[at] = picks[at - 1];
        prefixes[at] = prefixes[at - 1];
        at--;
      }
      picks[at] = pick;
      prefixes[at] = prefix;
    }
  }

  private void merge(long[] a, long[] ap, int from, int middle, int to, long[] b, long[] bp) {
    int left = from;
    int right = middle;
    for (int at = from; at < to; at++) {
      boolean takeRight =
          left >= middle || (right < to && after(a[left], ap[left], a[right], ap[right]));
      int next = takeRight ? right++ : left++;
      b[at] = a[next];
      bp[at] = ap[next];
    }
  }
}
