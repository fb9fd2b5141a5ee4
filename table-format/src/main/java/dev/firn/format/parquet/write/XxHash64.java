package dev.firn.format.parquet.write;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * XXH64 with seed 0, the hash of Parquet's bloom filters. Stateless.
 *
 * @see <a href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">Specification</a>
 */
public final class XxHash64 {
  private static final long P1 = 0x9E3779B185EBCA87L;
  private static final long P2 = 0xC2B2AE3D27D4EB4FL;
  private static final long P3 = 0x165667B19E3779F9L;
  private static final long P4 = 0x85EBCA77C2B2AE63L;
  private static final long P5 = 0x27D4EB2F165667C5L;

  private XxHash64() {}

  /** Of bytes in native memory. */
  public static long hash(long address, int length) {
    long at = address;
    int left = length;
    long h = P5;
    if (length >= 32) {
      // P1 + P2, which wraps around
      long a = 0x60EA27EEADC0B5D6L;
      long b = P2;
      long c = 0;
      long d = -P1;
      for (; left >= 32; left -= 32, at += 32) {
        a = round(a, MemoryUtil.getLong(at));
        b = round(b, MemoryUtil.getLong(at + 8));
        c = round(c, MemoryUtil.getLong(at + 16));
        d = round(d, MemoryUtil.getLong(at + 24));
      }
      h =
          Long.rotateLeft(a, 1)
              + Long.rotateLeft(b, 7)
              + Long.rotateLeft(c, 12)
              + Long.rotateLeft(d, 18);
      h = merge(merge(merge(merge(h, a), b), c), d);
    }
    return tail(h + length, at, left);
  }

  private static long tail(long start, long from, int length) {
    long h = start;
    long at = from;
    int left = length;
    for (; left >= 8; left -= 8, at += 8) {
      h = Long.rotateLeft(h ^ round(0, MemoryUtil.getLong(at)), 27) * P1 + P4;
    }
    if (left >= 4) {
      h = Long.rotateLeft(h ^ (MemoryUtil.getInt(at) & 0xFFFFFFFFL) * P1, 23) * P2 + P3;
      left -= 4;
      at += 4;
    }
    for (; left > 0; left--, at++) {
      h = Long.rotateLeft(h ^ (MemoryUtil.getByte(at) & 0xFFL) * P5, 11) * P1;
    }
    h = (h ^ h >>> 33) * P2;
    h = (h ^ h >>> 29) * P3;
    return h ^ h >>> 32;
  }

  private static long round(long accumulator, long word) {
    return Long.rotateLeft(accumulator + word * P2, 31) * P1;
  }

  private static long merge(long h, long accumulator) {
    return (h ^ round(0, accumulator)) * P1 + P4;
  }
}
