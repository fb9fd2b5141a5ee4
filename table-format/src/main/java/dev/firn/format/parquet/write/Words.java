package dev.firn.format.parquet.write;

import org.apache.arrow.memory.util.MemoryUtil;

/** Byte strings in native memory, a word at a time. */
final class Words {
  // From here on a call into the runtime is cheaper than a loop of words.
  private static final int LONG_COPY = 96;

  private Words() {}

  /** The first 8 bytes, the lowest first, zeros where there are fewer; reads nothing past end. */
  static long head(long address, int length, long end) {
    if (length >= 8) {
      return MemoryUtil.getLong(address);
    }
    if (length == 0) {
      return 0;
    }
    if (address + 8 <= end) {
      return MemoryUtil.getLong(address) & (-1L >>> (64 - 8 * length));
    }
    long word = 0;
    for (int i = 0; i < length; i++) {
      word |= (MemoryUtil.getByte(address + i) & 0xFFL) << (8 * i);
    }
    return word;
  }

  /** Whether two byte strings of at least 8 bytes are equal. */
  static boolean same(long a, long b, int length) {
    for (int i = 0; i + 8 <= length; i += 8) {
      if (MemoryUtil.getLong(a + i) != MemoryUtil.getLong(b + i)) {
        return false;
      }
    }
    // The last 8 bytes, some of which were compared before.
    return MemoryUtil.getLong(a + length - 8) == MemoryUtil.getLong(b + length - 8);
  }

  /** A hash of at least 8 bytes. */
  static long hash(long address, int length) {
    long h = length * 0x9E3779B97F4A7C15L;
    for (int i = 0; i + 8 <= length; i += 8) {
      h = (h ^ MemoryUtil.getLong(address + i)) * 0xFF51AFD7ED558CCDL;
      h ^= h >>> 32;
    }
    h = (h ^ MemoryUtil.getLong(address + length - 8)) * 0xFF51AFD7ED558CCDL;
    return h ^ h >>> 32;
  }

  /**
   * Copies; reads nothing past {@code end}, and may write up to 7 bytes past the target's length.
   */
  static void copy(long from, long to, int length, long end) {
    if (length > LONG_COPY || from + length + 7 > end) {
      MemoryUtil.copyMemory(from, to, length);
      return;
    }
    for (int i = 0; i < length; i += 8) {
      MemoryUtil.putLong(to + i, MemoryUtil.getLong(from + i));
    }
  }

  /**
   * Compares two byte strings of which {@code headA} and {@code headB} are the {@link #ordered}
   * first words: unsigned, and the shorter first.
   */
  static int compare(long headA, long a, int lengthA, long headB, long b, int lengthB) {
    if (headA != headB) {
      return headA < headB ? -1 : 1;
    }
    int shared = Math.min(lengthA, lengthB);
    for (int i = 8; i < shared; i++) {
      int x = MemoryUtil.getByte(a + i) & 0xFF;
      int y = MemoryUtil.getByte(b + i) & 0xFF;
      if (x != y) {
        return x - y;
      }
    }
    return Integer.compare(lengthA, lengthB);
  }

  /** The first word as a long whose signed order is the unsigned order of the bytes. */
  static long ordered(long head) {
    return Long.reverseBytes(head) ^ Long.MIN_VALUE;
  }
}
