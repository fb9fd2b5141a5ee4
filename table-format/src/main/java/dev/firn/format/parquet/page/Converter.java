package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getByte;
import static org.apache.arrow.memory.util.MemoryUtil.getInt;
import static org.apache.arrow.memory.util.MemoryUtil.getLong;
import static org.apache.arrow.memory.util.MemoryUtil.putLong;

import org.apache.arrow.memory.util.MemoryUtil;

/** The loops of each {@link Conversion} over values of fixed width. */
final class Converter {
  private static final long MICROS_PER_DAY = 86_400_000_000L;
  private static final long NANOS_PER_DAY = 1000 * MICROS_PER_DAY;
  private static final int EPOCH_JULIAN_DAY = 2_440_588;
  private static final int INT96 = 12;

  private Converter() {}

  /** Bytes of a value after conversion, when {@code stored} before. */
  static int width(Conversion conversion, int stored) {
    return switch (conversion) {
      case NONE -> stored;
      case INT_TO_LONG,
          UNSIGNED_INT_TO_LONG,
          FLOAT_TO_DOUBLE,
          INT_MILLIS_TO_MICROS,
          DATE_TO_MICROS,
          DATE_TO_NANOS ->
          checked(conversion, stored, Integer.BYTES, Long.BYTES);
      case LONG_MILLIS_TO_MICROS, LONG_MILLIS_TO_NANOS, MICROS_TO_NANOS, NANOS_TO_MICROS ->
          checked(conversion, stored, Long.BYTES, Long.BYTES);
      case INT96_TO_MICROS, INT96_TO_NANOS -> checked(conversion, stored, INT96, Long.BYTES);
      case INT_TO_DECIMAL -> checked(conversion, stored, Integer.BYTES, 16);
      case LONG_TO_DECIMAL -> checked(conversion, stored, Long.BYTES, 16);
      case BYTES_TO_DECIMAL -> 16;
    };
  }

  private static int checked(Conversion conversion, int stored, int expected, int converted) {
    if (stored != expected) {
      throw new CorruptPageException(
          "values of %d bytes cannot be converted by %s, expected %d"
              .formatted(stored, conversion, expected));
    }
    return converted;
  }

  /** Converts {@code count} values of {@code stored} bytes; the ranges must not overlap. */
  static void convert(Conversion conversion, long source, int stored, int count, long target) {
    try {
      loop(conversion, source, stored, count, target);
    } catch (ArithmeticException e) {
      throw new CorruptPageException("a time does not fit 64 bits after " + conversion, e);
    }
  }

  private static void loop(Conversion conversion, long source, int stored, int count, long target) {
    switch (conversion) {
      case NONE -> MemoryUtil.copyMemory(source, target, (long) count * stored);
      case INT_TO_LONG -> intToLong(source, count, target);
      case UNSIGNED_INT_TO_LONG -> unsignedIntToLong(source, count, target);
      case FLOAT_TO_DOUBLE -> floatToDouble(source, count, target);
      case INT_TO_DECIMAL -> intToDecimal(source, count, target);
      case LONG_TO_DECIMAL -> longToDecimal(source, count, target);
      case BYTES_TO_DECIMAL -> {
        for (int i = 0; i < count; i++) {
          decimal(source + (long) i * stored, stored, target + 16L * i);
        }
      }
      case INT96_TO_MICROS -> int96ToMicros(source, count, target);
      case INT96_TO_NANOS -> int96ToNanos(source, count, target);
      case INT_MILLIS_TO_MICROS -> timesInt(source, count, target, 1000);
      case DATE_TO_MICROS -> timesInt(source, count, target, MICROS_PER_DAY);
      case DATE_TO_NANOS -> timesInt(source, count, target, NANOS_PER_DAY);
      case LONG_MILLIS_TO_MICROS, MICROS_TO_NANOS -> timesLong(source, count, target, 1000);
      case LONG_MILLIS_TO_NANOS -> timesLong(source, count, target, 1_000_000);
      case NANOS_TO_MICROS -> {
        for (long i = 0; i < 8L * count; i += 8) {
          putLong(target + i, Math.floorDiv(getLong(source + i), 1000));
        }
      }
    }
  }

  private static void intToLong(long source, int count, long target) {
    for (long i = 0; i < count; i++) {
      putLong(target + 8 * i, getInt(source + 4 * i));
    }
  }

  private static void unsignedIntToLong(long source, int count, long target) {
    for (long i = 0; i < count; i++) {
      putLong(target + 8 * i, getInt(source + 4 * i) & 0xffffffffL);
    }
  }

  private static void floatToDouble(long source, int count, long target) {
    for (long i = 0; i < count; i++) {
      double wide = Float.intBitsToFloat(getInt(source + 4 * i));
      putLong(target + 8 * i, Double.doubleToRawLongBits(wide));
    }
  }

  private static void intToDecimal(long source, int count, long target) {
    for (long i = 0; i < count; i++) {
      long value = getInt(source + 4 * i);
      putLong(target + 16 * i, value);
      putLong(target + 16 * i + 8, value >> 63);
    }
  }

  private static void longToDecimal(long source, int count, long target) {
    for (long i = 0; i < count; i++) {
      long value = getLong(source + 8 * i);
      putLong(target + 16 * i, value);
      putLong(target + 16 * i + 8, value >> 63);
    }
  }

  private static void timesInt(long source, int count, long target, long factor) {
    for (long i = 0; i < count; i++) {
      putLong(target + 8 * i, Math.multiplyExact(getInt(source + 4 * i), factor));
    }
  }

  private static void timesLong(long source, int count, long target, long factor) {
    for (long i = 0; i < count; i++) {
      putLong(target + 8 * i, Math.multiplyExact(getLong(source + 8 * i), factor));
    }
  }

  private static void int96ToMicros(long source, int count, long target) {
    for (long i = 0; i < count; i++) {
      long from = source + INT96 * i;
      long days = getInt(from + 8) - (long) EPOCH_JULIAN_DAY;
      long micros = Math.floorDiv(getLong(from), 1000);
      putLong(target + 8 * i, Math.addExact(Math.multiplyExact(days, MICROS_PER_DAY), micros));
    }
  }

  private static void int96ToNanos(long source, int count, long target) {
    for (long i = 0; i < count; i++) {
      long from = source + INT96 * i;
      long days = getInt(from + 8) - (long) EPOCH_JULIAN_DAY;
      putLong(
          target + 8 * i, Math.addExact(Math.multiplyExact(days, NANOS_PER_DAY), getLong(from)));
    }
  }

  /** A big-endian number of {@code length} bytes to 16 bytes, little-endian. */
  static void decimal(long source, int length, long target) {
    if (length < 1 || length > 16) {
      throw new CorruptPageException("a decimal of %d bytes, expected 1 to 16".formatted(length));
    }
    long sign = getByte(source) >> 7;
    if (length <= 8) {
      putLong(target, bigEndian(source, length, sign));
      putLong(target + 8, sign);
    } else {
      putLong(target, Long.reverseBytes(getLong(source + length - 8)));
      putLong(target + 8, bigEndian(source, length - 8, sign));
    }
  }

  private static long bigEndian(long source, int length, long sign) {
    if (length == 8) {
      return Long.reverseBytes(getLong(source));
    }
    long value = sign;
    for (int i = 0; i < length; i++) {
      value = value << 8 | getByte(source + i) & 0xff;
    }
    return value;
  }
}
