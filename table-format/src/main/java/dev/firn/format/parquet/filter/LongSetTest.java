package dev.firn.format.parquet.filter;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Membership of a set of integers of 32 or 64 bits, or keys of floating-point numbers. */
final class LongSetTest implements RowTest {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final ColumnPath column;
  private final RangeTests.Keys keys;
  private final boolean wanted;
  private final long[] table;
  private final int mask;
  private final int shift;
  private boolean hasZero;

  LongSetTest(ColumnPath column, RangeTests.Keys keys, long[] members, boolean wanted) {
    this.column = column;
    this.keys = keys;
    this.wanted = wanted;
    int size = Integer.highestOneBit(Math.max(members.length, 1)) * 4;
    table = new long[size];
    mask = size - 1;
    shift = Long.numberOfLeadingZeros(mask);
    for (long member : members) {
      add(member);
    }
  }

  private void add(long member) {
    if (member == 0) {
      hasZero = true;
      return;
    }
    int at = slot(member);
    while (table[at] != 0 && table[at] != member) {
      at = (at + 1) & mask;
    }
    table[at] = member;
  }

  private int slot(long value) {
    return (int) ((value * MULTIPLIER) >>> shift);
  }

  private boolean contains(long value) {
    if (value == 0) {
      return hasZero;
    }
    int at = slot(value);
    while (table[at] != 0) {
      if (table[at] == value) {
        return true;
      }
      at = (at + 1) & mask;
    }
    return false;
  }

  @Override
  public void load(VectorSchemaRoot batch, int rows) {
    column.load(batch, rows);
  }

  @Override
  public void retain(long[] keep) {
    column.retainPresent(keep);
    boolean narrow = keys == RangeTests.Keys.INT || keys == RangeTests.Keys.FLOAT;
    long address = column.values(narrow ? 4 : 8);
    for (int i = 0; i < RowTest.words(column.rows()); i++) {
      if (keep[i] != 0) {
        long passed =
            narrow ? narrow(keep[i], address + 256L * i) : wide(keep[i], address + 512L * i);
        keep[i] = passed;
      }
    }
  }

  private long narrow(long rows, long address) {
    long passed = 0;
    for (long left = rows; left != 0; left &= left - 1) {
      int bits = MemoryUtil.getInt(address + 4L * Long.numberOfTrailingZeros(left));
      if (contains(keys == RangeTests.Keys.FLOAT ? Interval.key(bits) : bits) == wanted) {
        passed |= left & -left;
      }
    }
    return passed;
  }

  private long wide(long rows, long address) {
    long passed = 0;
    for (long left = rows; left != 0; left &= left - 1) {
      long bits = MemoryUtil.getLong(address + 8L * Long.numberOfTrailingZeros(left));
      if (contains(keys == RangeTests.Keys.DOUBLE ? Interval.key(bits) : bits) == wanted) {
        passed |= left & -left;
      }
    }
    return passed;
  }
}
