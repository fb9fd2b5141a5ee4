package dev.firn.format.parquet.write;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * DELTA_BINARY_PACKED: differences of neighbours, less the least of their block, in as few bits as
 * the greatest of a miniblock needs. Reused.
 *
 * @see <a
 *     href="https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC">Encoding</a>
 */
final class DeltaEncoder {
  private static final int BLOCK = 128;
  private static final int MINI = 32;
  private static final int MINIS = BLOCK / MINI;

  private final long[] deltas = new long[BLOCK];

  /** The most bytes that {@code count} values of {@code width} bytes take. */
  static long bound(int count, int width) {
    long blocks = (count + BLOCK - 1L) / BLOCK;
    return 40 + blocks * (10 + MINIS + (long) BLOCK * width) + NativeBuffer.PAD;
  }

  /** Encodes {@code count} values of 8 bytes, at least one; returns where it ended. */
  long longs(long values, int count, long to) {
    long previous = MemoryUtil.getLong(values);
    long at = header(count, previous, to);
    for (int i = 1; i < count; i += BLOCK) {
      int n = Math.min(BLOCK, count - i);
      long least = Long.MAX_VALUE;
      for (int k = 0; k < n; k++) {
        long value = MemoryUtil.getLong(values + ((long) (i + k) << 3));
        long delta = value - previous;
        deltas[k] = delta;
        least = Math.min(least, delta);
        previous = value;
      }
      at = block(n, least, -1L, at);
    }
    return at;
  }

  /** As {@link #longs}, of 4 bytes: differences wrap at 32 bits. */
  long ints(long values, int count, long to) {
    int previous = MemoryUtil.getInt(values);
    long at = header(count, previous, to);
    for (int i = 1; i < count; i += BLOCK) {
      int n = Math.min(BLOCK, count - i);
      long least = Long.MAX_VALUE;
      for (int k = 0; k < n; k++) {
        int value = MemoryUtil.getInt(values + ((long) (i + k) << 2));
        int delta = value - previous;
        deltas[k] = delta;
        least = Math.min(least, delta);
        previous = value;
      }
      at = block(n, least, 0xFFFF_FFFFL, at);
    }
    return at;
  }

  private static long header(int count, long first, long to) {
    long at = Hybrid.varint(BLOCK, to);
    at = Hybrid.varint(MINIS, at);
    at = Hybrid.varint(count, at);
    return Hybrid.varint(zigzag(first), at);
  }

  private static long zigzag(long value) {
    return value << 1 ^ value >> 63;
  }

  private long block(int n, long least, long mask, long to) {
    long widths = Hybrid.varint(zigzag(least), to);
    long at = widths + MINIS;
    MemoryUtil.putInt(widths, 0);
    for (int mini = 0; mini * MINI < n; mini++) {
      int start = mini * MINI;
      int end = Math.min(n, start + MINI);
      long all = 0;
      for (int k = start; k < end; k++) {
        deltas[k] = deltas[k] - least & mask;
        all |= deltas[k];
      }
      for (int k = end; k < start + MINI; k++) {
        deltas[k] = 0;
      }
      int width = 64 - Long.numberOfLeadingZeros(all);
      MemoryUtil.putByte(widths + mini, (byte) width);
      pack(start, width, at);
      at += 4L * width;
    }
    return at;
  }

  /** Packs a miniblock of {@code width} bits each; may write a word past it. */
  private void pack(int start, int width, long to) {
    if (width == 0) {
      return;
    }
    long at = to;
    long word = 0;
    int bits = 0;
    for (int k = start; k < start + MINI; k++) {
      long value = deltas[k];
      word |= value << bits;
      bits += width;
      if (bits >= 64) {
        MemoryUtil.putLong(at, word);
        at += 8;
        bits -= 64;
        word = bits == 0 ? 0 : value >>> (width - bits);
      }
    }
    if (bits > 0) {
      MemoryUtil.putLong(at, word);
    }
  }
}
