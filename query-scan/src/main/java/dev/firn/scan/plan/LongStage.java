package dev.firn.scan.plan;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A builder of a {@link LongColumn}: numbers by row, in any order of rows, some never put. */
final class LongStage {
  private static final int FIRST_ROWS = 1024;

  private long[] values;
  private long[] present;
  private boolean any;

  LongStage() {
    this(FIRST_ROWS);
  }

  /** With room for so many rows at first. */
  LongStage(int rows) {
    values = new long[Math.max(64, (rows + 63) & ~63)];
    present = Bits.none(values.length);
  }

  void put(int row, long value) {
    if (row >= values.length) {
      values = Arrays.copyOf(values, Math.max(row + 64, values.length * 2) & ~63);
      present = Arrays.copyOf(present, values.length >>> 6);
    }
    values[row] = value;
    Bits.set(present, row);
    any = true;
  }

  /** Takes back what was put for a row. */
  void clear(int row) {
    if (row < values.length) {
      Bits.clear(present, row);
    }
  }

  boolean has(int row) {
    return row < values.length && Bits.get(present, row);
  }

  long get(int row) {
    return values[row];
  }

  /** Whether a row has a value, looked for among the first {@code rows}. */
  boolean any(int rows) {
    return any && Bits.next(present, 0) >= 0 && Bits.next(present, 0) < rows;
  }

  /** Packs the rows' values; null where no row has one. */
  @Nullable LongColumn column(int rows) {
    if (!any(rows)) {
      return null;
    }
    room(rows);
    return LongColumn.of(values, present(rows), rows);
  }

  /** The values by row; what is in rows without a value is undefined. */
  long[] values(int rows) {
    room(rows);
    return values;
  }

  /** A bit per row that has a value; null where all have one. */
  long @Nullable [] present(int rows) {
    room(rows);
    long[] bits = Arrays.copyOf(present, (rows + 63) >>> 6);
    return Arrays.equals(bits, Bits.all(rows)) ? null : bits;
  }

  private void room(int rows) {
    if (rows > values.length) {
      values = Arrays.copyOf(values, (rows + 63) & ~63);
      present = Arrays.copyOf(present, values.length >>> 6);
    }
  }

  /** Forgets everything. */
  void reset() {
    Arrays.fill(present, 0);
    any = false;
  }
}
