package dev.firn.format.parquet.write;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.statistics.BooleanStatistics;
import org.apache.parquet.column.statistics.DoubleStatistics;
import org.apache.parquet.column.statistics.FloatStatistics;
import org.apache.parquet.column.statistics.IntStatistics;
import org.apache.parquet.column.statistics.LongStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;

/**
 * The least and the greatest of values encoded PLAIN, in the order of their type, and how many are
 * NaN, which the bounds leave out. Valid while the values stay where they are. Reused.
 */
final class PageRange {
  private long count;
  private long nans;
  private long minLong;
  private long maxLong;
  private double minDouble;
  private double maxDouble;
  private long minAddress;
  private long maxAddress;
  private int minLength;
  private int maxLength;

  /** Whether there are bounds: a value that is not NaN. */
  boolean bounded() {
    return count > nans;
  }

  long nans() {
    return nans;
  }

  double minDouble() {
    return minDouble;
  }

  double maxDouble() {
    return maxDouble;
  }

  /** The length of the longer bound of byte strings. */
  int boundBytes() {
    return Math.max(minLength, maxLength);
  }

  /** Looks at {@code n} values at {@code values}; {@code width} is the length of fixed ones. */
  void of(ValueKind kind, long values, int n, int width) {
    count = n;
    nans = 0;
    if (n == 0) {
      return;
    }
    switch (kind) {
      case INT -> ints(values, n);
      case LONG -> longs(values, n);
      case FLOAT -> floats(values, n);
      case DOUBLE -> doubles(values, n);
      case BINARY -> binaries(values, n);
      case FIXED -> fixed(values, n, width, 0);
      case SIGNED_FIXED -> fixed(values, n, width, Long.MIN_VALUE);
      case BOOLEAN -> throw new IllegalArgumentException("booleans are not bytes");
    }
  }

  /** As {@link #of} for {@code n} booleans, of which {@code trues} are true. */
  void ofBooleans(int n, int trues) {
    count = n;
    nans = 0;
    minLong = trues == n ? 1 : 0;
    maxLong = trues > 0 ? 1 : 0;
  }

  private void ints(long values, int n) {
    int min = Integer.MAX_VALUE;
    int max = Integer.MIN_VALUE;
    for (int i = 0; i < n; i++) {
      int value = MemoryUtil.getInt(values + ((long) i << 2));
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    minLong = min;
    maxLong = max;
  }

  private void longs(long values, int n) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int i = 0; i < n; i++) {
      long value = MemoryUtil.getLong(values + ((long) i << 3));
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    minLong = min;
    maxLong = max;
  }

  // The order of bits, which puts -0.0 before 0.0, by one exclusive-or; NaNs have their own range.
  private void doubles(long values, int n) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    long none = 0;
    for (int i = 0; i < n; i++) {
      long bits = MemoryUtil.getLong(values + ((long) i << 3));
      if ((bits & Long.MAX_VALUE) > 0x7FF0000000000000L) {
        none++;
        continue;
      }
      long order = bits ^ (bits >> 63 & Long.MAX_VALUE);
      min = Math.min(min, order);
      max = Math.max(max, order);
    }
    nans = none;
    minDouble = Double.longBitsToDouble(min ^ (min >> 63 & Long.MAX_VALUE));
    maxDouble = Double.longBitsToDouble(max ^ (max >> 63 & Long.MAX_VALUE));
  }

  private void floats(long values, int n) {
    int min = Integer.MAX_VALUE;
    int max = Integer.MIN_VALUE;
    long none = 0;
    for (int i = 0; i < n; i++) {
      int bits = MemoryUtil.getInt(values + ((long) i << 2));
      if ((bits & Integer.MAX_VALUE) > 0x7F800000) {
        none++;
        continue;
      }
      int order = bits ^ (bits >> 31 & Integer.MAX_VALUE);
      min = Math.min(min, order);
      max = Math.max(max, order);
    }
    nans = none;
    minDouble = Float.intBitsToFloat(min ^ (min >> 31 & Integer.MAX_VALUE));
    maxDouble = Float.intBitsToFloat(max ^ (max >> 31 & Integer.MAX_VALUE));
  }

  private void binaries(long values, int n) {
    long min = 0;
    long max = 0;
    long at = values;
    for (int i = 0; i < n; i++) {
      int length = MemoryUtil.getInt(at);
      long value = at + Integer.BYTES;
      // The page's memory is padded, so that a whole word may be read.
      long head = Words.ordered(Words.head(value, length, Long.MAX_VALUE));
      if (i == 0 || Words.compare(head, value, length, min, minAddress, minLength) < 0) {
        min = head;
        minAddress = value;
        minLength = length;
      }
      if (i == 0 || Words.compare(head, value, length, max, maxAddress, maxLength) > 0) {
        max = head;
        maxAddress = value;
        maxLength = length;
      }
      at = value + length;
    }
  }

  /** {@code flip} turns the order of the first byte from unsigned to signed. */
  private void fixed(long values, int n, int width, long flip) {
    long min = 0;
    long max = 0;
    minLength = width;
    maxLength = width;
    for (int i = 0; i < n; i++) {
      long value = values + (long) width * i;
      long head = Words.ordered(Words.head(value, width, Long.MAX_VALUE)) ^ flip;
      if (i == 0 || Words.compare(head, value, width, min, minAddress, width) < 0) {
        min = head;
        minAddress = value;
      }
      if (i == 0 || Words.compare(head, value, width, max, maxAddress, width) > 0) {
        max = head;
        maxAddress = value;
      }
    }
  }

  /**
   * The page's statistics. Zeros are bounds of either sign, as the format asks. With a NaN, the
   * bounds are parquet-java's own, of which its index builder makes none.
   */
  Statistics<?> statistics(PrimitiveType type, ValueKind kind, long nulls) {
    Statistics<?> statistics = Statistics.createStats(type);
    statistics.incrementNumNulls(nulls);
    if (count == 0) {
      return statistics;
    }
    switch (kind) {
      case BOOLEAN -> ((BooleanStatistics) statistics).setMinMax(minLong != 0, maxLong != 0);
      case INT -> ((IntStatistics) statistics).setMinMax((int) minLong, (int) maxLong);
      case LONG -> ((LongStatistics) statistics).setMinMax(minLong, maxLong);
      case FLOAT -> ((FloatStatistics) statistics).setMinMax((float) lowest(), (float) highest());
      case DOUBLE -> ((DoubleStatistics) statistics).setMinMax(lowest(), highest());
      case BINARY, FIXED, SIGNED_FIXED -> {
        return Statistics.getBuilderForReading(type)
            .withMin(bytes(minAddress, minLength))
            .withMax(bytes(maxAddress, maxLength))
            .withNumNulls(nulls)
            .build();
      }
    }
    return statistics;
  }

  private double lowest() {
    if (!bounded()) {
      return Double.NaN;
    }
    return minDouble == 0 ? -0.0 : minDouble;
  }

  private double highest() {
    if (nans > 0) {
      return Double.NaN;
    }
    return maxDouble == 0 ? 0.0 : maxDouble;
  }

  private static byte[] bytes(long address, int length) {
    byte[] bytes = new byte[length];
    MemoryUtil.copyFromMemory(address, bytes, 0, length);
    return bytes;
  }
}
