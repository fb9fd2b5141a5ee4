package dev.firn.format.parquet.write;

import java.util.Arrays;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * The RLE and bit-packed hybrid of levels and dictionary indices. Stateless.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE">Encoding</a>
 */
public final class Hybrid {
  // A reader's run header is a varint; one byte of it serves 63 groups of 8 values.
  private static final int MOST_GROUPS = 63;

  private Hybrid() {}

  /** The width in bits of values up to {@code max}. */
  public static int width(int max) {
    return 32 - Integer.numberOfLeadingZeros(max);
  }

  /** The most bytes that {@link #encode} writes, words past the end included. */
  public static long bound(int count, int width) {
    long groups = (count + 7L) / 8;
    return groups * (width + 2L) + 2L * NativeBuffer.PAD;
  }

  /**
   * Encodes {@code count} values of {@code width} bits from the start of {@code values}; returns
   * where it ended. Up to 8 values past {@code count} are read from the array and must be there.
   */
  public static long encode(int[] values, int count, int width, long to) {
    long at = to;
    int i = 0;
    while (i < count) {
      if (i + 8 <= count && same8(values, i)) {
        int value = values[i];
        int end = i + 8;
        while (end < count && values[end] == value) {
          end++;
        }
        at = varint((long) (end - i) << 1, at);
        for (int b = 0; b < width; b += 8) {
          MemoryUtil.putByte(at++, (byte) (value >>> b));
        }
        i = end;
        continue;
      }
      long header = at++;
      int groups = 0;
      do {
        if (i + 8 > count) {
          Arrays.fill(values, count, i + 8, 0);
        }
        pack8(values, i, width, at);
        at += width;
        i += 8;
        groups++;
      } while (i < count && groups < MOST_GROUPS && !(i + 8 <= count && same8(values, i)));
      MemoryUtil.putByte(header, (byte) (groups << 1 | 1));
    }
    return at;
  }

  private static boolean same8(int[] v, int i) {
    int x = v[i];
    return v[i + 7] == x
        && ((v[i + 1] ^ x)
                | (v[i + 2] ^ x)
                | (v[i + 3] ^ x)
                | (v[i + 4] ^ x)
                | (v[i + 5] ^ x)
                | (v[i + 6] ^ x))
            == 0;
  }

  /** Packs 8 values of {@code width} bits; may write whole words past them. */
  static void pack8(int[] v, int i, int width, long to) {
    if (width <= 8) {
      long word =
          (v[i] | (long) v[i + 1] << width)
              | ((long) v[i + 2] << 2 * width | (long) v[i + 3] << 3 * width)
              | ((long) v[i + 4] << 4 * width | (long) v[i + 5] << 5 * width)
              | ((long) v[i + 6] << 6 * width | (long) v[i + 7] << 7 * width);
      MemoryUtil.putLong(to, word);
    } else if (width <= 16) {
      long low = four(v, i, width);
      long high = four(v, i + 4, width);
      int bits = 4 * width;
      MemoryUtil.putLong(to, bits == 64 ? low : low | high << bits);
      MemoryUtil.putLong(to + 8, bits == 64 ? high : high >>> (64 - bits));
    } else {
      packWide(v, i, width, to);
    }
  }

  private static long four(int[] v, int i, int width) {
    return (v[i] | (long) v[i + 1] << width)
        | ((long) v[i + 2] << 2 * width | (long) v[i + 3] << 3 * width);
  }

  private static void packWide(int[] v, int i, int width, long to) {
    long at = to;
    long pending = 0;
    int bits = 0;
    for (int k = 0; k < 8; k++) {
      pending |= (v[i + k] & 0xFFFF_FFFFL) << bits;
      bits += width;
      if (bits >= 32) {
        MemoryUtil.putInt(at, (int) pending);
        at += 4;
        pending >>>= 32;
        bits -= 32;
      }
    }
    if (bits > 0) {
      MemoryUtil.putInt(at, (int) pending);
    }
  }

  /**
   * Encodes {@code count} bits of a bitmap, whose bits past them are 0, as values of width 1;
   * returns where it ended.
   */
  static long encodeBits(long[] bitmap, int count, long to) {
    int bytes = (count + 7) >>> 3;
    // A last byte that is not full cannot be in a run: its padding is no value.
    int full = count >>> 3;
    long at = to;
    int i = 0;
    while (i < bytes) {
      int run = sameBytes(bitmap, i, full);
      if (run >= 4) {
        at = varint((long) run << 4, at);
        MemoryUtil.putByte(at++, (byte) (byteAt(bitmap, i) & 1));
        i += run;
        continue;
      }
      long header = at++;
      int groups = 0;
      do {
        MemoryUtil.putByte(at++, byteAt(bitmap, i++));
        groups++;
      } while (i < bytes && groups < MOST_GROUPS && sameBytes(bitmap, i, full) < 4);
      MemoryUtil.putByte(header, (byte) (groups << 1 | 1));
    }
    return at;
  }

  private static byte byteAt(long[] bitmap, int i) {
    return (byte) (bitmap[i >>> 3] >>> (8 * (i & 7)));
  }

  /** How many bytes from {@code i} are all ones, or all zeros, before {@code end}. */
  private static int sameBytes(long[] bitmap, int i, int end) {
    if (i >= end) {
      return 0;
    }
    byte first = byteAt(bitmap, i);
    if (first != 0 && first != -1) {
      return 0;
    }
    int k = i + 1;
    while (k < end && byteAt(bitmap, k) == first) {
      k++;
    }
    return k - i;
  }

  /** Writes an unsigned varint; returns where it ended. */
  public static long varint(long value, long to) {
    long rest = value;
    long at = to;
    while ((rest & ~0x7FL) != 0) {
      MemoryUtil.putByte(at++, (byte) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    MemoryUtil.putByte(at++, (byte) rest);
    return at;
  }
}
