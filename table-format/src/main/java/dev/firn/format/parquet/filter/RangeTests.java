package dev.firn.format.parquet.filter;

import java.math.BigInteger;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Comparisons of fixed-width values, 64 rows at a time. */
final class RangeTests {
  private RangeTests() {}

  /** How the stored bits become a key; see {@link Interval}. */
  enum Keys {
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    DECIMAL,
    UUID
  }

  static RowTest of(ColumnPath column, Keys keys, Interval interval) {
    if (interval.isEmpty()) {
      return interval.outside() ? new NullTest(column, false) : Junctions.FALSE;
    }
    return switch (keys) {
      case INT -> new Ints(column, interval);
      case FLOAT -> new Floats(column, interval);
      case LONG -> new Longs(column, interval);
      case DOUBLE -> new Doubles(column, interval);
      case DECIMAL -> new Wides(column, interval, false);
      case UUID -> new Wides(column, interval, true);
    };
  }

  private abstract static class Range implements RowTest {
    private final ColumnPath column;
    private final int width;
    private final long flip;

    Range(ColumnPath column, int width, boolean outside) {
      this.column = column;
      this.width = width;
      this.flip = outside ? -1L : 0L;
    }

    /** The bits of {@code count} values, 64 or fewer, that lie in the interval. */
    abstract long within(long address, int count);

    @Override
    public void load(VectorSchemaRoot batch, int rows) {
      column.load(batch, rows);
    }

    @Override
    public void retain(long[] keep) {
      column.retainPresent(keep);
      long address = column.values(width);
      int rows = column.rows();
      for (int row = 0; row < rows; row += 64) {
        if (keep[row >>> 6] != 0) {
          int count = Math.min(64, rows - row);
          keep[row >>> 6] &= within(address + (long) row * width, count) ^ flip;
        }
      }
    }
  }

  // Of x in [low, low + span], x - low without sign is at most the span, whatever overflows.

  private static final class Ints extends Range {
    private final int low;
    private final int span;

    Ints(ColumnPath column, Interval interval) {
      super(column, 4, interval.outside());
      low = interval.low().intValueExact();
      span = interval.high().intValueExact() - low;
    }

    @Override
    long within(long address, int count) {
      long bits = 0;
      for (int i = 0; i < count; i++) {
        int value = MemoryUtil.getInt(address + 4L * i) - low;
        bits |= (Integer.compareUnsigned(value, span) <= 0 ? 1L : 0L) << i;
      }
      return bits;
    }
  }

  private static final class Floats extends Range {
    private final int low;
    private final int span;

    Floats(ColumnPath column, Interval interval) {
      super(column, 4, interval.outside());
      low = interval.low().intValueExact();
      span = interval.high().intValueExact() - low;
    }

    @Override
    long within(long address, int count) {
      long bits = 0;
      for (int i = 0; i < count; i++) {
        int value = Interval.key(MemoryUtil.getInt(address + 4L * i)) - low;
        bits |= (Integer.compareUnsigned(value, span) <= 0 ? 1L : 0L) << i;
      }
      return bits;
    }
  }

  private static final class Longs extends Range {
    private final long low;
    private final long span;

    Longs(ColumnPath column, Interval interval) {
      super(column, 8, interval.outside());
      low = interval.low().longValueExact();
      span = interval.high().longValueExact() - low;
    }

    @Override
    long within(long address, int count) {
      long bits = 0;
      for (int i = 0; i < count; i++) {
        long value = MemoryUtil.getLong(address + 8L * i) - low;
        bits |= (Long.compareUnsigned(value, span) <= 0 ? 1L : 0L) << i;
      }
      return bits;
    }
  }

  private static final class Doubles extends Range {
    private final long low;
    private final long span;

    Doubles(ColumnPath column, Interval interval) {
      super(column, 8, interval.outside());
      low = interval.low().longValueExact();
      span = interval.high().longValueExact() - low;
    }

    @Override
    long within(long address, int count) {
      long bits = 0;
      for (int i = 0; i < count; i++) {
        long value = Interval.key(MemoryUtil.getLong(address + 8L * i)) - low;
        bits |= (Long.compareUnsigned(value, span) <= 0 ? 1L : 0L) << i;
      }
      return bits;
    }
  }

  /** 128-bit keys in two halves: decimals as Arrow stores them, or UUIDs in network order. */
  private static final class Wides extends Range {
    private final boolean uuid;
    private final long lowTop;
    private final long lowRest;
    private final long highTop;
    private final long highRest;

    Wides(ColumnPath column, Interval interval, boolean uuid) {
      super(column, 16, interval.outside());
      this.uuid = uuid;
      lowTop = top(interval.low());
      lowRest = interval.low().longValue();
      highTop = top(interval.high());
      highRest = interval.high().longValue();
    }

    private static long top(BigInteger key) {
      return key.shiftRight(64).longValueExact();
    }

    @Override
    long within(long address, int count) {
      return uuid ? uuids(address, count) : decimals(address, count);
    }

    private long decimals(long address, int count) {
      long bits = 0;
      for (int i = 0; i < count; i++) {
        long at = address + 16L * i;
        bits |= within(MemoryUtil.getLong(at + 8), MemoryUtil.getLong(at)) << i;
      }
      return bits;
    }

    private long uuids(long address, int count) {
      long bits = 0;
      for (int i = 0; i < count; i++) {
        long at = address + 16L * i;
        long most = Long.reverseBytes(MemoryUtil.getLong(at));
        long least = Long.reverseBytes(MemoryUtil.getLong(at + 8));
        bits |= within(most, least ^ Long.MIN_VALUE) << i;
      }
      return bits;
    }

    private long within(long top, long rest) {
      boolean fromLow = top > lowTop || (top == lowTop && Long.compareUnsigned(rest, lowRest) >= 0);
      boolean toHigh =
          top < highTop || (top == highTop && Long.compareUnsigned(rest, highRest) <= 0);
      return fromLow && toHigh ? 1L : 0L;
    }
  }
}
