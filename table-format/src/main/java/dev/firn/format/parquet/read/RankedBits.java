package dev.firn.format.parquet.read;

import org.apache.arrow.memory.util.MemoryUtil;

/** Positions among all rows as positions among those that are not null. Stateless. */
final class RankedBits {
  private RankedBits() {}

  /**
   * Turns the {@code kept} ascending positions of {@code rows} among {@code count} rows, whose bits
   * say which are not null, into positions among those not null, {@code number of those} standing
   * for null, in {@code ranks}; and sets the bits of the kept ones in {@code target} from {@code
   * targetBit} on.
   */
  static void take(
      long bits, int count, int[] rows, int kept, int[] ranks, long target, long targetBit) {
    int present = 0;
    int words = (count + 63) >>> 6;
    for (int i = 0; i < words; i++) {
      present += Long.bitCount(word(bits, i, count));
    }
    int at = 0;
    int rank = 0;
    for (int i = 0; i < words; i++) {
      long word = word(bits, i, count);
      for (int end = (i + 1) << 6; at < kept && rows[at] < end; at++) {
        int bit = rows[at] & 63;
        boolean valid = (word >>> bit & 1) != 0;
        ranks[at] = valid ? rank + Long.bitCount(word & ((1L << bit) - 1)) : present;
        Bitmaps.set(target, targetBit + at, valid);
      }
      rank += Long.bitCount(word);
    }
  }

  /**
   * The {@code count} rows whose bits start at {@code bit} as positions among those not null,
   * {@code present} of them, which also stands for null.
   */
  static void all(long bits, long bit, int count, int present, int[] ranks) {
    int rank = 0;
    for (int i = 0; i < count; i++) {
      long at = bit + i;
      int valid = MemoryUtil.getByte(bits + (at >>> 3)) >>> (at & 7) & 1;
      ranks[i] = valid == 0 ? present : rank;
      rank += valid;
    }
  }

  /** A word of the bitmap, without what is past its end. */
  private static long word(long bits, int index, int count) {
    long word = Bitmaps.word(bits, index);
    int left = count - (index << 6);
    return left >= 64 ? word : word & ((1L << left) - 1);
  }
}
