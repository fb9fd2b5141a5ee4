package dev.firn.scan.plan;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Strings of bytes one after the other, without the prefix that all share. */
final class PlainBytes extends BytesColumn {
  private final byte[] prefix;

  /**
   * Where the rest of a row begins, less the row times {@link #step}; and one more: where the last
   * one ends.
   */
  private final LongColumn starts;

  /** How long a rest is on average, so that the starts are small numbers. */
  private final int step;

  private final byte[] rest;
  private final long @Nullable [] present;

  private PlainBytes(
      byte[] prefix, LongColumn starts, int step, byte[] rest, long @Nullable [] present) {
    this.prefix = prefix;
    this.starts = starts;
    this.step = step;
    this.rest = rest;
    this.present = present;
  }

  static PlainBytes of(long[] slices, long @Nullable [] present, byte[] buffer, int rows) {
    byte[] prefix = prefix(slices, present, buffer, rows);
    long[] starts = new long[rows + 1];
    int total = 0;
    for (int row = 0; row < rows; row++) {
      starts[row] = total;
      if (present == null || Bits.get(present, row)) {
        total += length(slices[row]) - prefix.length;
      }
    }
    starts[rows] = total;
    byte[] rest = new byte[total];
    for (int row = 0; row < rows; row++) {
      if (present == null || Bits.get(present, row)) {
        int length = length(slices[row]) - prefix.length;
        System.arraycopy(
            buffer, offset(slices[row]) + prefix.length, rest, (int) starts[row], length);
      }
    }
    int step = total / rows;
    for (int row = 0; row <= rows; row++) {
      starts[row] -= (long) row * step;
    }
    return new PlainBytes(prefix, LongColumn.of(starts, null, rows + 1), step, rest, present);
  }

  private static byte[] prefix(long[] slices, long @Nullable [] present, byte[] buffer, int rows) {
    byte @Nullable [] prefix = null;
    for (int row = 0; row < rows; row++) {
      if (present != null && !Bits.get(present, row)) {
        continue;
      }
      if (prefix == null) {
        prefix = copy(buffer, slices[row]);
      }
      int offset = offset(slices[row]);
      int same =
          Arrays.mismatch(prefix, 0, prefix.length, buffer, offset, offset + length(slices[row]));
      prefix = same < 0 || same == prefix.length ? prefix : Arrays.copyOf(prefix, same);
    }
    return prefix == null ? new byte[0] : prefix;
  }

  @Override
  boolean isNull(int row) {
    return present != null && !Bits.get(present, row);
  }

  @Override
  byte[] get(int row) {
    int start = starts.getInt(row) + row * step;
    int length = starts.getInt(row + 1) + (row + 1) * step - start;
    byte[] all = Arrays.copyOf(prefix, prefix.length + length);
    System.arraycopy(rest, start, all, prefix.length, length);
    return all;
  }

  @Override
  long weight() {
    return 72
        + prefix.length
        + starts.weight()
        + rest.length
        + (present == null ? 0 : 16 + 8L * present.length);
  }

  @Override
  boolean equalTo(BytesColumn other, int rows) {
    return other instanceof PlainBytes that
        && Arrays.equals(prefix, that.prefix)
        && Arrays.equals(rest, that.rest)
        && step == that.step
        && starts.equalTo(that.starts, rows + 1)
        && Bits.equal(present, that.present, rows);
  }
}
