package dev.firn.format.parquet.read;

import org.apache.arrow.memory.util.MemoryUtil;

/** Bits in native memory, least significant first. Stateless. */
final class Bitmaps {
  private static final long GATHER = 0x0102040810204080L;

  private Bitmaps() {}

  /** Bytes of {@code bits} bits, and a word more, which readers of whole words may touch. */
  static long bytes(long bits) {
    return ((bits + 7) >>> 3) + Long.BYTES;
  }

  /** Sets bits {@code [from, from + count)} to {@code value}; others keep theirs. */
  static void fill(long address, long from, long count, boolean value) {
    long bit = from;
    long end = from + count;
    for (; bit < end && (bit & 7) != 0; bit++) {
      set(address, bit, value);
    }
    long whole = (end - bit) >>> 3;
    MemoryUtil.setMemory(address + (bit >>> 3), whole, (byte) (value ? 0xff : 0));
    for (bit += whole << 3; bit < end; bit++) {
      set(address, bit, value);
    }
  }

  static void set(long address, long bit, boolean value) {
    long at = address + (bit >>> 3);
    int mask = 1 << (bit & 7);
    int old = MemoryUtil.getByte(at);
    MemoryUtil.putByte(at, (byte) (value ? old | mask : old & ~mask));
  }

  static boolean get(long address, long bit) {
    return ((MemoryUtil.getByte(address + (bit >>> 3)) >>> (bit & 7)) & 1) != 0;
  }

  /** Bits {@code [64 * index, 64 * index + 64)}. */
  static long word(long address, int index) {
    return MemoryUtil.getLong(address + ((long) index << 3));
  }

  /** Packs bytes of 0 or 1 into bits; reads up to 7 bytes more than {@code count}. */
  static void pack(long bytes, long bits, int count) {
    for (int i = 0; i < count; i += 8) {
      // The multiplication moves the lowest bit of byte k to bit 56 + k; no sums carry.
      long eight = MemoryUtil.getLong(bytes + i) & 0x0101010101010101L;
      MemoryUtil.putByte(bits + (i >>> 3), (byte) ((eight * GATHER) >>> 56));
    }
  }
}
