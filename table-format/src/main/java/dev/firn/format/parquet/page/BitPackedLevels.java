package dev.firn.format.parquet.page;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Levels in the deprecated encoding BIT_PACKED, of early files: all of one width, most significant
 * bit first, without runs or length.
 */
final class BitPackedLevels implements Levels {
  private final long address;
  private final int width;
  private final int max;
  private final int entries;
  private int next;

  BitPackedLevels(long address, int width, int max, int entries) {
    this.address = address;
    this.width = width;
    this.max = max;
    this.entries = entries;
  }

  /** Bytes that {@code entries} levels take. */
  static long size(int entries, int width) {
    return ((long) entries * width + 7) >>> 3;
  }

  @Override
  public void read(int count, short[] out, int offset) {
    check(count);
    for (int i = 0; i < count; i++) {
      out[offset + i] = (short) level();
    }
  }

  @Override
  public int readBits(int count, long target, long bit) {
    if (max != 1) {
      throw new IllegalStateException("Levels up to " + max + " are no bits");
    }
    check(count);
    int ones = 0;
    for (int i = 0; i < count; i++) {
      int level = level();
      Bits.fill(target, bit + i, 1, level != 0);
      ones += level;
    }
    return ones;
  }

  @Override
  public int skip(int count) {
    check(count);
    int maxima = 0;
    for (int i = 0; i < count; i++) {
      maxima += level() == max ? 1 : 0;
    }
    return maxima;
  }

  private int level() {
    long bit = (long) next++ * width;
    int level = 0;
    for (int i = 0; i < width; i++, bit++) {
      level = level << 1 | MemoryUtil.getByte(address + (bit >>> 3)) >>> (7 - (bit & 7)) & 1;
    }
    if (level > max) {
      throw new CorruptPageException("a level of %d, expected at most %d".formatted(level, max));
    }
    return level;
  }

  private void check(int count) {
    if (count > entries - next) {
      throw new CorruptPageException(
          "%d levels are wanted, %d are left in the page".formatted(count, entries - next));
    }
  }
}
