package dev.firn.compaction.rewrite;

/**
 * The rows of one file that were dead when it was read, filled with its live rows' positions in
 * ascending order. A bit for each row, and a count for each 64 words. Confined to one thread.
 */
final class DeadPositions {
  private static final int WORDS = 64;

  private final long rows;
  private final long[] bits;
  private final long[] ranks;
  private long total;
  private long next;

  /** {@code rows} of the file, dead and alive. */
  DeadPositions(long rows) {
    this.rows = rows;
    this.bits = new long[Math.toIntExact((rows + 63) / 64)];
    this.ranks = new long[bits.length / WORDS + 1];
  }

  /** The next live row. All that were passed over are dead. */
  void live(long position) {
    dead(position);
    next = position + 1;
  }

  private void dead(long end) {
    for (long at = next; at < end; at++) {
      bits[(int) (at >>> 6)] |= 1L << at;
    }
  }

  /** No live row follows. */
  void end() {
    dead(rows);
    next = rows;
    for (int word = 0; word < bits.length; word++) {
      if (word % WORDS == 0) {
        ranks[word / WORDS] = total;
      }
      total += Long.bitCount(bits[word]);
    }
  }

  boolean contains(long position) {
    return (bits[(int) (position >>> 6)] & (1L << position)) != 0;
  }

  /** How many dead rows come before {@code position}. */
  long rank(long position) {
    if (position >= rows) {
      return total;
    }
    int word = (int) (position >>> 6);
    long rank = ranks[word / WORDS];
    for (int at = word / WORDS * WORDS; at < word; at++) {
      rank += Long.bitCount(bits[at]);
    }
    return rank + Long.bitCount(bits[word] & ((1L << position) - 1));
  }
}
