package dev.firn.keyindex;

/**
 * Sorts pairs of a hash, compared as unsigned, and a row by the hash; the order of rows of one hash
 * is left open. Confined to one thread; keeps its scratch memory, 16 bytes for each pair.
 *
 * <p>How it works: pairs are scattered by the highest bits not yet sorted by, so that some eight
 * stay together, and each of these groups again, until one is small enough for insertion.
 */
final class HashSort {
  private static final int SMALL = 24;
  private static final int MOST_BITS = 11;

  private long[] otherHashes = new long[0];
  private long[] otherRows = new long[0];
  private int[][] starts = new int[8][];
  private long[] hashes = new long[0];
  private long[] rows = new long[0];

  /** Sorts the first {@code count} pairs, which agree in all but the lowest {@code bits} bits. */
  void sort(long[] hashes, long[] rows, int count, int bits) {
    if (otherHashes.length < count) {
      otherHashes = new long[count];
      otherRows = new long[count];
    }
    this.hashes = hashes;
    this.rows = rows;
    sort(0, count, bits, 0);
  }

  private void sort(int from, int to, int left, int depth) {
    int count = to - from;
    if (count < 2 || left == 0) {
      return;
    }
    if (count <= SMALL) {
      insert(from, to);
      return;
    }
    int wanted = Long.SIZE - Long.numberOfLeadingZeros(count) - 3;
    int bits = Math.min(left, Math.max(2, Math.min(MOST_BITS, wanted)));
    int shift = left - bits;
    int[] ends = scatter(from, to, shift, bits, depth);
    int start = from;
    for (int i = 0; i < 1 << bits; i++) {
      int end = ends[i];
      sort(start, end, shift, depth + 1);
      start = end;
    }
  }

  /** Returns where each group ends. */
  private int[] scatter(int from, int to, int shift, int bits, int depth) {
    int mask = (1 << bits) - 1;
    int[] at = starts(depth, mask + 1);
    for (int i = from; i < to; i++) {
      at[(int) (hashes[i] >>> shift) & mask]++;
    }
    int sum = from;
    for (int i = 0; i <= mask; i++) {
      int size = at[i];
      at[i] = sum;
      sum += size;
    }
    for (int i = from; i < to; i++) {
      int place = at[(int) (hashes[i] >>> shift) & mask]++;
      otherHashes[place] = hashes[i];
      otherRows[place] = rows[i];
    }
    System.arraycopy(otherHashes, from, hashes, from, to - from);
    System.arraycopy(otherRows, from, rows, from, to - from);
    return at;
  }

  private int[] starts(int depth, int size) {
    if (depth == starts.length) {
      starts = java.util.Arrays.copyOf(starts, 2 * depth);
    }
    int[] kept = starts[depth];
    if (kept == null || kept.length < size) {
      kept = new int[size];
      starts[depth] = kept;
    } else {
      java.util.Arrays.fill(kept, 0, size, 0);
    }
    return kept;
  }

  private void insert(int from, int to) {
    for (int i = from + 1; i < to; i++) {
      long hash = hashes[i];
      long row = rows[i];
      int at = i;
      while (at > from && Long.compareUnsigned(hashes[at - 1], hash) > 0) {
        hashes[at] = hashes[at - 1];
        rows[at] = rows[at - 1];
        at--;
      }
      hashes[at] = hash;
      rows[at] = row;
    }
  }
}
