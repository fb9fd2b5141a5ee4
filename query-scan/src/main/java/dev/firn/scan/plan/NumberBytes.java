package dev.firn.scan.plan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Strings of bytes that are numbers: all of one length, little end first, as bounds of integers,
 * dates, timestamps and floating point numbers are; or in as few bytes as they take, big end first,
 * as those of decimals are.
 */
final class NumberBytes extends BytesColumn {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final LongColumn numbers;
  private final int length;

  private NumberBytes(LongColumn numbers, int length) {
    this.numbers = numbers;
    this.length = length;
  }

  static @Nullable NumberBytes of(
      long[] slices, long @Nullable [] present, byte[] buffer, int rows) {
    long[] values = new long[rows];
    int length = little(slices, present, buffer, rows, values);
    LongColumn little = length > 0 ? LongColumn.of(values, present, rows) : null;
    if (little != null && LongColumn.width(little.min(), little.max()) <= 24) {
      return new NumberBytes(little, length);
    }
    boolean big = big(slices, present, buffer, rows, values);
    LongColumn minimal = big ? LongColumn.of(values, present, rows) : null;
    if (minimal != null && (little == null || minimal.weight() < little.weight())) {
      return new NumberBytes(minimal, 0);
    }
    return little == null ? null : new NumberBytes(little, length);
  }

  /** Reads them as all of one length, and returns that length, or 0 where they are not. */
  private static int little(
      long[] slices, long @Nullable [] present, byte[] buffer, int rows, long[] into) {
    int length = 0;
    for (int row = 0; row < rows; row++) {
      if (present != null && !Bits.get(present, row)) {
        continue;
      }
      int its = length(slices[row]);
      if (length == 0) {
        length = its;
      }
      if (its != length || (its != 1 && its != 4 && its != 8)) {
        return 0;
      }
      int offset = offset(slices[row]);
      into[row] =
          switch (its) {
            case 1 -> buffer[offset];
            case 4 -> (int) INT.get(buffer, offset);
            default -> (long) LONG.get(buffer, offset);
          };
    }
    return length;
  }

  /** Reads them as minimal two's complements, and returns whether all are. */
  private static boolean big(
      long[] slices, long @Nullable [] present, byte[] buffer, int rows, long[] into) {
    for (int row = 0; row < rows; row++) {
      if (present != null && !Bits.get(present, row)) {
        continue;
      }
      int length = length(slices[row]);
      int offset = offset(slices[row]);
      if (length == 0 || length > 8) {
        return false;
      }
      long value = buffer[offset];
      for (int i = 1; i < length; i++) {
        value = (value << 8) | (buffer[offset + i] & 0xff);
      }
      if (minimalLength(value) != length) {
        return false;
      }
      into[row] = value;
    }
    return true;
  }

  private static int minimalLength(long value) {
    int bits = 65 - Long.numberOfLeadingZeros(value < 0 ? ~value : value);
    return (bits + 7) / 8;
  }

  int bitsPerRow() {
    return LongColumn.width(numbers.min(), numbers.max());
  }

  LongColumn numbers() {
    return numbers;
  }

  /** The one length of all, little end first; 0 where they are minimal, big end first. */
  int length() {
    return length;
  }

  @Override
  boolean isNull(int row) {
    return numbers.isNull(row);
  }

  @Override
  byte[] get(int row) {
    long value = numbers.get(row);
    int bytes = length > 0 ? length : minimalLength(value);
    byte[] into = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      into[length > 0 ? i : bytes - 1 - i] = (byte) (value >>> (8 * i));
    }
    return into;
  }

  @Override
  long weight() {
    return 24 + numbers.weight();
  }

  @Override
  boolean equalTo(BytesColumn other, int rows) {
    return other instanceof NumberBytes that
        && length == that.length
        && numbers.equalTo(that.numbers, rows);
  }
}
