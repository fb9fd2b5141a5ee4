package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getInt;
import static org.apache.arrow.memory.util.MemoryUtil.getLong;
import static org.apache.arrow.memory.util.MemoryUtil.putInt;
import static org.apache.arrow.memory.util.MemoryUtil.putLong;

/**
 * Unpacks dictionary indices of up to 16 bits and looks their entries of 4 or 8 bytes up at once,
 * eight at a time.
 *
 * <p>How it works: any index of the width may be looked up, since the entries are padded to a power
 * of two. Whether one is outside the dictionary is computed for all indices of a word at once:
 * adding {@code 2^width - size} to it would carry out of its field. Fields are added without their
 * highest bits, so that no carry leaves them; it would, where the highest bit is set and the sum of
 * the others carries into it. That needs {@code size > 2^(width - 1)}, or no check at all.
 */
final class PackedGather {
  private static final int MAX_WIDTH = 16;

  private final int width;
  private final long mask;
  private final long highest;
  private final long others;
  private final long bias;

  /** For indices of {@code width} bits, where {@link #suits}. */
  PackedGather(int width, int size) {
    int fields = width <= 8 ? 8 : 4;
    long ones = 0;
    for (int i = 0; i < fields; i++) {
      ones |= 1L << (i * width);
    }
    this.width = width;
    this.mask = (1L << width) - 1;
    this.highest = ones << (width - 1);
    this.others = highest - ones;
    this.bias = ones * Math.max(0, (1L << width) - size);
  }

  /**
   * Whether the entries, {@code size} padded to a power of two, can be looked up by any index of
   * the width.
   */
  static boolean suits(int width, int size) {
    return width >= 1 && width <= MAX_WIDTH && 1 << (width - 1) < size;
  }

  /**
   * Writes {@code 8 * eights} entries of 4 bytes; returns whether all indices were inside the
   * dictionary.
   */
  boolean gather4(long packed, int eights, long entries, long target) {
    return width <= 8
        ? narrow4(packed, eights, entries, target)
        : wide4(packed, eights, entries, target);
  }

  /** As {@link #gather4}, of 8 bytes. */
  boolean gather8(long packed, int eights, long entries, long target) {
    return width <= 8
        ? narrow8(packed, eights, entries, target)
        : wide8(packed, eights, entries, target);
  }

  private boolean narrow4(long packed, int eights, long entries, long target) {
    long outside = 0;
    long source = packed;
    long to = target;
    for (int i = 0; i < eights; i++, source += width, to += 32) {
      long word = getLong(source);
      outside |= word & (word & others) + bias;
      putInt(to, getInt(entries + ((word & mask) << 2)));
      putInt(to + 4, getInt(entries + ((word >>> width & mask) << 2)));
      putInt(to + 8, getInt(entries + ((word >>> 2 * width & mask) << 2)));
      putInt(to + 12, getInt(entries + ((word >>> 3 * width & mask) << 2)));
      putInt(to + 16, getInt(entries + ((word >>> 4 * width & mask) << 2)));
      putInt(to + 20, getInt(entries + ((word >>> 5 * width & mask) << 2)));
      putInt(to + 24, getInt(entries + ((word >>> 6 * width & mask) << 2)));
      putInt(to + 28, getInt(entries + ((word >>> 7 * width & mask) << 2)));
    }
    return (outside & highest) == 0;
  }

  private boolean wide4(long packed, int eights, long entries, long target) {
    int half = width >>> 1;
    int shift = (width & 1) << 2;
    long outside = 0;
    long source = packed;
    long to = target;
    for (int i = 0; i < eights; i++, source += width, to += 32) {
      long word = getLong(source);
      long next = getLong(source + half) >>> shift;
      outside |= word & (word & others) + bias | next & (next & others) + bias;
      putInt(to, getInt(entries + ((word & mask) << 2)));
      putInt(to + 4, getInt(entries + ((word >>> width & mask) << 2)));
      putInt(to + 8, getInt(entries + ((word >>> 2 * width & mask) << 2)));
      putInt(to + 12, getInt(entries + ((word >>> 3 * width & mask) << 2)));
      putInt(to + 16, getInt(entries + ((next & mask) << 2)));
      putInt(to + 20, getInt(entries + ((next >>> width & mask) << 2)));
      putInt(to + 24, getInt(entries + ((next >>> 2 * width & mask) << 2)));
      putInt(to + 28, getInt(entries + ((next >>> 3 * width & mask) << 2)));
    }
    return (outside & highest) == 0;
  }

  private boolean narrow8(long packed, int eights, long entries, long target) {
    long outside = 0;
    long source = packed;
    long to = target;
    for (int i = 0; i < eights; i++, source += width, to += 64) {
      long word = getLong(source);
      outside |= word & (word & others) + bias;
      putLong(to, getLong(entries + ((word & mask) << 3)));
      putLong(to + 8, getLong(entries + ((word >>> width & mask) << 3)));
      putLong(to + 16, getLong(entries + ((word >>> 2 * width & mask) << 3)));
      putLong(to + 24, getLong(entries + ((word >>> 3 * width & mask) << 3)));
      putLong(to + 32, getLong(entries + ((word >>> 4 * width & mask) << 3)));
      putLong(to + 40, getLong(entries + ((word >>> 5 * width & mask) << 3)));
      putLong(to + 48, getLong(entries + ((word >>> 6 * width & mask) << 3)));
      putLong(to + 56, getLong(entries + ((word >>> 7 * width & mask) << 3)));
    }
    return (outside & highest) == 0;
  }

  private boolean wide8(long packed, int eights, long entries, long target) {
    int half = width >>> 1;
    int shift = (width & 1) << 2;
    long outside = 0;
    long source = packed;
    long to = target;
    for (int i = 0; i < eights; i++, source += width, to += 64) {
      long word = getLong(source);
      long next = getLong(source + half) >>> shift;
      outside |= word & (word & others) + bias | next & (next & others) + bias;
      putLong(to, getLong(entries + ((word & mask) << 3)));
      putLong(to + 8, getLong(entries + ((word >>> width & mask) << 3)));
      putLong(to + 16, getLong(entries + ((word >>> 2 * width & mask) << 3)));
      putLong(to + 24, getLong(entries + ((word >>> 3 * width & mask) << 3)));
      putLong(to + 32, getLong(entries + ((next & mask) << 3)));
      putLong(to + 40, getLong(entries + ((next >>> width & mask) << 3)));
      putLong(to + 48, getLong(entries + ((next >>> 2 * width & mask) << 3)));
      putLong(to + 56, getLong(entries + ((next >>> 3 * width & mask) << 3)));
    }
    return (outside & highest) == 0;
  }
}
