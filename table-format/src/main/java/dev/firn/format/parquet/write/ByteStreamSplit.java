package dev.firn.format.parquet.write;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * BYTE_STREAM_SPLIT: the first bytes of all values, then the second ones, and so on. Stateless.
 *
 * @see <a
 *     href="https://parquet.apache.org/docs/file-format/data-pages/encodings/#BYTESTREAMSPLIT">Encoding</a>
 */
final class ByteStreamSplit {
  private ByteStreamSplit() {}

  /** Encodes {@code count} values of {@code width} bytes, 4 or 8; as long as they are PLAIN. */
  static void encode(long values, int count, int width, long to) {
    int i = 0;
    if (width == 8) {
      for (; i + 8 <= count; i += 8) {
        transpose(values + 8L * i, to + i, count);
      }
    }
    for (; i < count; i++) {
      for (int b = 0; b < width; b++) {
        byte value = MemoryUtil.getByte(values + (long) width * i + b);
        MemoryUtil.putByte(to + (long) count * b + i, value);
      }
    }
  }

  /**
   * Turns 8 values of 8 bytes into 8 words, one for each stream, by swapping ever larger corners.
   */
  private static void transpose(long from, long to, int count) {
    long a = MemoryUtil.getLong(from);
    long b = MemoryUtil.getLong(from + 8);
    long c = MemoryUtil.getLong(from + 16);
    long d = MemoryUtil.getLong(from + 24);
    long e = MemoryUtil.getLong(from + 32);
    long f = MemoryUtil.getLong(from + 40);
    long g = MemoryUtil.getLong(from + 48);
    long h = MemoryUtil.getLong(from + 56);
    long x = (a >>> 32 ^ e) & 0xFFFFFFFFL;
    a ^= x << 32;
    e ^= x;
    x = (b >>> 32 ^ f) & 0xFFFFFFFFL;
    b ^= x << 32;
    f ^= x;
    x = (c >>> 32 ^ g) & 0xFFFFFFFFL;
    c ^= x << 32;
    g ^= x;
    x = (d >>> 32 ^ h) & 0xFFFFFFFFL;
    d ^= x << 32;
    h ^= x;
    x = (a >>> 16 ^ c) & 0x0000FFFF0000FFFFL;
    a ^= x << 16;
    c ^= x;
    x = (b >>> 16 ^ d) & 0x0000FFFF0000FFFFL;
    b ^= x << 16;
    d ^= x;
    x = (e >>> 16 ^ g) & 0x0000FFFF0000FFFFL;
    e ^= x << 16;
    g ^= x;
    x = (f >>> 16 ^ h) & 0x0000FFFF0000FFFFL;
    f ^= x << 16;
    h ^= x;
    pair(a, b, to, count);
    pair(c, d, to + 2L * count, count);
    pair(e, f, to + 4L * count, count);
    pair(g, h, to + 6L * count, count);
  }

  private static void pair(long a, long b, long to, int count) {
    long x = (a >>> 8 ^ b) & 0x00FF00FF00FF00FFL;
    MemoryUtil.putLong(to, a ^ x << 8);
    MemoryUtil.putLong(to + count, b ^ x);
  }
}
