package dev.firn.scan.plan;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Sets of rows as bits of longs. */
final class Bits {
  private Bits() {}

  /** A set of no row, with room for {@code rows}. */
  static long[] none(int rows) {
    return new long[(rows + 63) >>> 6];
  }

  /** The set of the first {@code rows} rows. */
  static long[] all(int rows) {
    long[] bits = none(rows);
    Arrays.fill(bits, -1L);
    if ((rows & 63) != 0) {
      bits[bits.length - 1] = (1L << (rows & 63)) - 1;
    }
    return bits;
  }

  static boolean get(long[] bits, int row) {
    return (bits[row >>> 6] & (1L << (row & 63))) != 0;
  }

  static void set(long[] bits, int row) {
    bits[row >>> 6] |= 1L << (row & 63);
  }

  static void clear(long[] bits, int row) {
    bits[row >>> 6] &= ~(1L << (row & 63));
  }

  static boolean isEmpty(long[] bits) {
    for (long word : bits) {
      if (word != 0) {
        return false;
      }
    }
    return true;
  }

  static int count(long[] bits) {
    int count = 0;
    for (long word : bits) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** The next row of the set from {@code from} on, or -1. */
  static int next(long[] bits, int from) {
    int word = from >>> 6;
    if (word >= bits.length) {
      return -1;
    }
    long rest = bits[word] & (-1L << (from & 63));
    while (rest == 0) {
      word++;
      if (word == bits.length) {
        return -1;
      }
      rest = bits[word];
    }
    return (word << 6) + Long.numberOfTrailingZeros(rest);
  }

  /** Whether two sets, null being all rows, are the same. */
  static boolean equal(long @Nullable [] left, long @Nullable [] right, int rows) {
    return Arrays.equals(left == null ? all(rows) : left, right == null ? all(rows) : right);
  }
}
