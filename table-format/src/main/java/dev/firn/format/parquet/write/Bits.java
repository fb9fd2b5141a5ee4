package dev.firn.format.parquet.write;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Little-endian bitmaps in native memory; never reads a byte that holds none of the bits asked for.
 */
final class Bits {
  private Bits() {}

  static boolean get(long bitmap, long index) {
    return (MemoryUtil.getByte(bitmap + (index >>> 3)) >>> (index & 7) & 1) != 0;
  }

  /** The {@code count} bits from {@code from}, at most 32, lowest first. */
  static long word(long bitmap, long from, int count) {
    long start = bitmap + (from >>> 3);
    int shift = (int) (from & 7);
    int bytes = (shift + count + 7) >>> 3;
    long bits = 0;
    if (bytes >= 4) {
      bits = MemoryUtil.getInt(start) & 0xFFFF_FFFFL;
      if (bytes == 5) {
        bits |= (MemoryUtil.getByte(start + 4) & 0xFFL) << 32;
      }
    } else {
      for (int i = 0; i < bytes; i++) {
        bits |= (MemoryUtil.getByte(start + i) & 0xFFL) << (8 * i);
      }
    }
    return bits >>> shift & ((1L << count) - 1);
  }

  static int ones(long bitmap, long from, int count) {
    int ones = 0;
    long i = from;
    long end = from + count;
    int head = (int) Math.min(count, -i & 7);
    if (head > 0) {
      ones += Long.bitCount(word(bitmap, i, head));
      i += head;
    }
    for (; i + 64 <= end; i += 64) {
      ones += Long.bitCount(MemoryUtil.getLong(bitmap + (i >>> 3)));
    }
    while (i < end) {
      int step = (int) Math.min(32, end - i);
      ones += Long.bitCount(word(bitmap, i, step));
      i += step;
    }
    return ones;
  }

  /** Writes the positions of the ones among {@code count} bits from {@code from}, ascending. */
  static int positions(long bitmap, int from, int count, int[] out) {
    int n = 0;
    int i = from;
    int end = from + count;
    while (i < end) {
      int step = Math.min(32, end - i);
      long bits = word(bitmap, i, step);
      if (bits == 0xFFFF_FFFFL) {
        for (int k = 0; k < 32; k++) {
          out[n++] = i + k;
        }
      } else {
        while (bits != 0) {
          out[n++] = i + Long.numberOfTrailingZeros(bits);
          bits &= bits - 1;
        }
      }
      i += step;
    }
    return n;
  }
}
