package dev.firn.format.parquet.read;

/** Positions among all rows as positions among those that are not null. Stateless. */
final class RankedBits {
  private RankedBits() {}

  /**
   * Turns the {@code kept} ascending positions of {@code take} among {@code count} rows, whose bits
   * say which are not null, into positions among those not null, {@code number of those} standing
   * for null; and sets the bits of the kept ones in {@code target} from {@code targetBit} on.
   */
  static void take(long bits, int count, int[] take, int kept, long target, long targetBit) {
    int present = 0;
    int words = (count + 63) >>> 6;
    for (int i = 0; i < words; i++) {
      present += Long.bitCount(word(bits, i, count));
    }
    int at = 0;
    int rank = 0;
    for (int i = 0; i < words; i++) {
      long word = word(bits, i, count);
      for (int end = (i + 1) << 6; at < kept && take[at] < end; at++) {
        int bit = take[at] & 63;
        boolean valid = (word >>> bit & 1) != 0;
        take[at] = valid ? rank + Long.bitCount(word & ((1L << bit) - 1)) : present;
        Bitmaps.set(target, targetBit + at, valid);
      }
      rank += Long.bitCount(word);
    }
  }

  /** A word of the bitmap, without what is past its end. */
  private static long word(long bits, int index, int count) {
    long word = Bitmaps.word(bits, index);
    int left = count - (index << 6);
    return left >= 64 ? word : word & ((1L << left) - 1);
  }
}
