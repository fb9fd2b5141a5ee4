package dev.firn.format.parquet.page;

/**
 * Byte strings in the encoding DELTA_BYTE_ARRAY, each as the length of the prefix it has in common
 * with the one before, and the rest: a cursor. Uses the workspace's memory for the current string.
 */
final class DeltaPrefixes {
  private static final int BLOCK = DeltaLengths.BLOCK;

  private final DeltaNumbers prefixes;
  private final DeltaLengths suffixes;
  private final Scratch memory;
  private final Workspace work;
  private final int[] prefixLengths = new int[BLOCK];
  private final int[] suffixLengths = new int[BLOCK];
  private int blockLeft;
  private int at;
  private long suffix;
  private long address;
  private int length;

  DeltaPrefixes(long from, long to, Workspace work) {
    this.prefixes = new DeltaNumbers(from, to);
    this.suffixes = new DeltaLengths(DeltaNumbers.end(from, to), to, work);
    this.memory = work.carried();
    this.work = work;
  }

  /** Moves to the next string. */
  void next() {
    if (blockLeft == 0) {
      nextBlock();
    }
    int prefix = prefixLengths[at];
    int rest = suffixLengths[at];
    if (prefix < 0 || prefix > length) {
      throw new CorruptPageException(
          "a prefix of %d bytes, of a value of %d".formatted(prefix, length));
    }
    long total = (long) prefix + rest;
    if (total > Integer.MAX_VALUE) {
      throw new CorruptPageException(
          "a value of %d bytes, expected less than 2^31".formatted(total));
    }
    address = memory.ensure(total, prefix);
    PaddedCopy.copy(suffix, address + prefix, rest);
    suffix += rest;
    length = (int) total;
    at++;
    blockLeft--;
  }

  private void nextBlock() {
    int now = (int) Math.min(BLOCK, prefixes.left());
    if (now == 0) {
      throw new CorruptPageException("more values are wanted than are in the page");
    }
    long[] block = work.longs(BLOCK);
    prefixes.read(now, block);
    for (int i = 0; i < now; i++) {
      // next() refuses what is out of range; cut to 32 bits it might pass
      prefixLengths[i] = block[i] < 0 ? -1 : (int) Math.min(block[i], Integer.MAX_VALUE);
    }
    suffix = suffixes.position();
    suffixes.next(now, suffixLengths);
    at = 0;
    blockLeft = now;
  }

  /** Where the current string is, until the next one; padding follows. */
  long address() {
    return address;
  }

  int length() {
    return length;
  }
}
