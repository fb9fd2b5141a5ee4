package dev.firn.format.hash;

import org.apache.arrow.memory.util.MemoryUtil;

/** The arithmetic of version 1 of the hash. Stateless. */
final class Mix {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final long A = 0xbf58476d1ce4e5b9L;
  private static final long B = 0x94d049bb133111ebL;
  private static final long C = 0xff51afd7ed558ccdL;
  private static final long D = 0xc4ceb9fe1a85ec53L;

  private Mix() {}

  /** A bijection that spreads each bit over all. */
  static long full(long value) {
    long x = value + GOLDEN;
    x = (x ^ (x >>> 30)) * A;
    x = (x ^ (x >>> 27)) * B;
    return x ^ (x >>> 31);
  }

  /** A bijection that is cheaper, for what is multiplied and finished later. */
  static long light(long value) {
    long x = (value ^ (value >>> 32)) * A;
    return x ^ (x >>> 29);
  }

  /** A bijection that leaves 0 what it is. */
  static long spread(long value) {
    return value * D;
  }

  /** The upper half of a row's hash; with {@link #rowLow} a bijection of its two sums. */
  static long rowHigh(long one, long two, long rowLow) {
    return full((one + two) ^ C) + rowLow;
  }

  /** The lower half of a row's hash, which is computed first. */
  static long rowLow(long one, long two) {
    return full((one + (two << 1)) ^ D);
  }

  /** The first state of a sequence's two after one more value, whose order counts. */
  static long nextOne(long state, long value) {
    long x = (state ^ value) * C;
    return x ^ (x >>> 29);
  }

  /** The second state, which goes another way. */
  static long nextTwo(long state, long value) {
    return (Long.rotateLeft(state, 31) + value) * D;
  }

  /** The first state of bytes, before the first of them. */
  static long startOne(long length) {
    return length * GOLDEN ^ A;
  }

  /** The second state of bytes, before the first of them. */
  static long startTwo(long length) {
    return length * B + C;
  }

  /**
   * The last one to eight bytes of so many, little-endian; reads nothing from {@code end} on. Short
   * ones are read with what is behind them, since to tell lengths apart takes longer.
   */
  static long tail(long address, int length, long end) {
    int rest = ((length - 1) & 7) + 1;
    long last = address + length - rest;
    if (last + Long.BYTES <= end) {
      return MemoryUtil.getLong(last) & -1L >>> (64 - 8 * rest);
    }
    long word = 0;
    for (int i = rest - 1; i >= 0; i--) {
      word = word << 8 | MemoryUtil.getByte(last + i) & 0xff;
    }
    return word;
  }
}
