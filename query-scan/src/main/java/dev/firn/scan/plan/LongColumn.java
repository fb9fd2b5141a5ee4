package dev.firn.scan.plan;

import org.jspecify.annotations.Nullable;

/**
 * Whole numbers of the rows of a chunk, some of which may be absent. Immutable.
 *
 * <p>How it works: each number is stored as its distance from the smallest, in as many bits as the
 * largest distance takes; none where all are the same.
 */
final class LongColumn {
  /** What an object with its fields and two array headers takes. */
  private static final int OBJECT_BYTES = 96;

  private static final long[] NO_WORDS = {};

  private final long min;
  private final long max;
  private final int width;
  private final long mask;
  private final long[] words;
  private final long @Nullable [] present;

  private LongColumn(long min, long max, int width, long[] words, long @Nullable [] present) {
    this.min = min;
    this.max = max;
    this.width = width;
    this.mask = width == 64 ? -1L : (1L << width) - 1;
    this.words = words;
    this.present = present;
  }

  /**
   * Packs the first {@code rows} values.
   *
   * @param present a bit per row, one where there is a value; null where all have one
   */
  static LongColumn of(long[] values, long @Nullable [] present, int rows) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int row = 0; row < rows; row++) {
      if (present == null || Bits.get(present, row)) {
        min = Math.min(min, values[row]);
        max = Math.max(max, values[row]);
      }
    }
    if (min > max) {
      return new LongColumn(0, 0, 0, NO_WORDS, present);
    }
    int width = width(min, max);
    long[] words = width == 0 ? NO_WORDS : new long[(int) (((long) rows * width + 63) >>> 6)];
    if (width > 0) {
      for (int row = 0; row < rows; row++) {
        if (present == null || Bits.get(present, row)) {
          put(words, row, width, values[row] - min);
        }
      }
    }
    return new LongColumn(min, max, width, words, present);
  }

  /** How many bits the distance between the two takes. */
  static int width(long min, long max) {
    return 64 - Long.numberOfLeadingZeros(max - min);
  }

  private static void put(long[] words, int row, int width, long distance) {
    long bit = (long) row * width;
    int word = (int) (bit >>> 6);
    int shift = (int) (bit & 63);
    words[word] |= distance << shift;
    if (shift + width > 64) {
      words[word + 1] |= distance >>> (64 - shift);
    }
  }

  /** The value of a row that has one; of others, anything. */
  long get(int row) {
    if (width == 0) {
      return min;
    }
    long bit = (long) row * width;
    int word = (int) (bit >>> 6);
    int shift = (int) (bit & 63);
    long value = words[word] >>> shift;
    if (shift + width > 64) {
      value |= words[word + 1] << (64 - shift);
    }
    return min + (value & mask);
  }

  int getInt(int row) {
    return (int) get(row);
  }

  boolean isNull(int row) {
    return present != null && !Bits.get(present, row);
  }

  boolean hasNulls() {
    return present != null;
  }

  @Nullable Long boxed(int row) {
    return isNull(row) ? null : Long.valueOf(get(row));
  }

  /** The smallest value. */
  long min() {
    return min;
  }

  /** The largest value. */
  long max() {
    return max;
  }

  /** Whether both have the same values in the same rows. */
  boolean equalTo(LongColumn other, int rows) {
    if (min != other.min || max != other.max || width != other.width) {
      return false;
    }
    return java.util.Arrays.equals(words, other.words) && Bits.equal(present, other.present, rows);
  }

  long weight() {
    return OBJECT_BYTES + 8L * words.length + (present == null ? 0 : 8L * present.length);
  }
}
