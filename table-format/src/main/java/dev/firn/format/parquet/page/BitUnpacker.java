package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getLong;

/**
 * Unpacks numbers of equal width, least significant bit first. Loads whole words: up to 32 bytes
 * past the last packed number are read, never used.
 */
final class BitUnpacker {
  private BitUnpacker() {}

  /**
   * Unpacks {@code count} numbers of {@code width} bits, 1 to 32, into {@code out}, starting with
   * number {@code index} of those packed at {@code packed}.
   */
  static void unpack(long packed, long index, int width, int[] out, int offset, int count) {
    int end = offset + count;
    int at = offset;
    long next = index;
    while (at < end && (next & 7) != 0) {
      out[at++] = one(packed, next++, width);
    }
    int eights = (end - at) >>> 3;
    long source = packed + (next * width >>> 3);
    if (width <= 8) {
      unpackTo8(source, width, out, at, eights);
    } else if (width <= 16) {
      unpackTo16(source, width, out, at, eights);
    } else if (width <= 28) {
      unpackTo28(source, width, out, at, eights);
    } else {
      eights = 0;
    }
    at += eights << 3;
    next += (long) eights << 3;
    while (at < end) {
      out[at++] = one(packed, next++, width);
    }
  }

  private static int one(long packed, long index, int width) {
    long bit = index * width;
    return (int) (getLong(packed + (bit >>> 3)) >>> (bit & 7)) & mask(width);
  }

  private static int mask(int width) {
    return -1 >>> (32 - width);
  }

  // eight numbers are in one word
  private static void unpackTo8(long packed, int width, int[] out, int offset, int eights) {
    int mask = mask(width);
    long source = packed;
    int end = offset + (eights << 3);
    for (int at = offset; at < end; at += 8, source += width) {
      long word = getLong(source);
      out[at] = (int) word & mask;
      out[at + 1] = (int) (word >>> width) & mask;
      out[at + 2] = (int) (word >>> 2 * width) & mask;
      out[at + 3] = (int) (word >>> 3 * width) & mask;
      out[at + 4] = (int) (word >>> 4 * width) & mask;
      out[at + 5] = (int) (word >>> 5 * width) & mask;
      out[at + 6] = (int) (word >>> 6 * width) & mask;
      out[at + 7] = (int) (word >>> 7 * width) & mask;
    }
  }

  // four numbers are in one word
  private static void unpackTo16(long packed, int width, int[] out, int offset, int eights) {
    int mask = mask(width);
    int half = width >>> 1;
    int shift = (width & 1) << 2;
    long source = packed;
    int end = offset + (eights << 3);
    for (int at = offset; at < end; at += 8, source += width) {
      long low = getLong(source);
      long high = getLong(source + half) >>> shift;
      out[at] = (int) low & mask;
      out[at + 1] = (int) (low >>> width) & mask;
      out[at + 2] = (int) (low >>> 2 * width) & mask;
      out[at + 3] = (int) (low >>> 3 * width) & mask;
      out[at + 4] = (int) high & mask;
      out[at + 5] = (int) (high >>> width) & mask;
      out[at + 6] = (int) (high >>> 2 * width) & mask;
      out[at + 7] = (int) (high >>> 3 * width) & mask;
    }
  }

  // two numbers are in one word, whatever bit of a byte they start at
  private static void unpackTo28(long packed, int width, int[] out, int offset, int eights) {
    int mask = mask(width);
    int second = 2 * width >>> 3;
    int secondShift = 2 * width & 7;
    int third = 4 * width >>> 3;
    int thirdShift = 4 * width & 7;
    int fourth = 6 * width >>> 3;
    int fourthShift = 6 * width & 7;
    long source = packed;
    int end = offset + (eights << 3);
    for (int at = offset; at < end; at += 8, source += width) {
      long a = getLong(source);
      long b = getLong(source + second) >>> secondShift;
      long c = getLong(source + third) >>> thirdShift;
      long d = getLong(source + fourth) >>> fourthShift;
      out[at] = (int) a & mask;
      out[at + 1] = (int) (a >>> width) & mask;
      out[at + 2] = (int) b & mask;
      out[at + 3] = (int) (b >>> width) & mask;
      out[at + 4] = (int) c & mask;
      out[at + 5] = (int) (c >>> width) & mask;
      out[at + 6] = (int) d & mask;
      out[at + 7] = (int) (d >>> width) & mask;
    }
  }
}
