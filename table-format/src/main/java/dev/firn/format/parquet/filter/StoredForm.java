package dev.firn.format.parquet.filter;

import dev.firn.format.parquet.page.Conversion;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.UUID;
import java.util.function.Function;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Type;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * How bounds of a stored column compare with literals of its wanted type: both become values of one
 * class with one order, which is that of the stored column's statistics. Immutable.
 *
 * @param order of the values
 * @param fromStored a bound as Parquet's PLAIN encoding has it; null where it means nothing
 * @param fromLiteral a literal in Iceberg's internal representation; null where no value can equal
 *     it
 * @param ordersAlike whether the order is also Iceberg's; if not, only equality can be decided
 * @param holdsNan whether NaN, which bounds leave out, may be among the values
 * @param conversion from the stored to the wanted values
 */
record StoredForm(
    Comparator<Object> order,
    Function<ByteBuffer, @Nullable Object> fromStored,
    Function<Object, @Nullable Object> fromLiteral,
    boolean ordersAlike,
    boolean holdsNan,
    Conversion conversion) {

  /** Null where bounds in the stored form say nothing of the wanted values. */
  static @Nullable StoredForm of(PrimitiveType stored, Type wanted) {
    return StoredForms.of(stored, wanted);
  }

  static StoredForm booleans() {
    return new StoredForm(
        natural(), StoredForm::booleanOf, literal -> literal, true, false, Conversion.NONE);
  }

  /** Integers of 4 or 8 bytes, to be multiplied by {@code factor}. */
  static StoredForm integers(int width, long factor, Conversion conversion) {
    return new StoredForm(
        natural(),
        bytes -> scaled(bytes, width, factor),
        literal -> ((Number) literal).longValue(),
        true,
        false,
        conversion);
  }

  /**
   * Floating point numbers; bounds of zero are widened to both zeros, bounds of NaN mean nothing.
   */
  static StoredForm floats(boolean wide, Conversion conversion) {
    return new StoredForm(
        natural(),
        bytes -> wide ? doubleOf(bytes) : floatOf(bytes),
        literal -> ((Number) literal).doubleValue(),
        true,
        true,
        conversion);
  }

  /** Decimals as integers of 4 or 8 bytes. */
  static StoredForm integerDecimals(int width, int scale, Conversion conversion) {
    return new StoredForm(
        natural(),
        bytes -> {
          Object unscaled = scaled(bytes, width, 1);
          return unscaled == null ? null : BigDecimal.valueOf((Long) unscaled, scale);
        },
        literal -> literal,
        true,
        false,
        conversion);
  }

  /** Decimals as big-endian two's complement. */
  static StoredForm binaryDecimals(int scale) {
    return new StoredForm(
        natural(),
        bytes -> bytes.hasRemaining() ? new BigDecimal(new BigInteger(copy(bytes)), scale) : null,
        literal -> literal,
        true,
        false,
        Conversion.BYTES_TO_DECIMAL);
  }

  /** Strings, binaries and UUIDs, by their bytes without sign. */
  static StoredForm bytes(boolean ordersAlike) {
    Comparator<ByteBuffer> order = Comparators.unsignedBytes();
    return new StoredForm(
        erased(order), bytes -> bytes, StoredForm::bytesOf, ordersAlike, false, Conversion.NONE);
  }

  private static Comparator<Object> natural() {
    return erased(Comparator.<Long>naturalOrder());
  }

  @SuppressWarnings("unchecked") // all values of one form have one class
  private static Comparator<Object> erased(Comparator<?> order) {
    return (Comparator<Object>) order;
  }

  private static ByteBuffer littleEndian(ByteBuffer bytes) {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static @Nullable Object booleanOf(ByteBuffer bytes) {
    return bytes.remaining() == 1 ? (Object) (bytes.get(bytes.position()) != 0) : null;
  }

  private static @Nullable Object scaled(ByteBuffer bytes, int width, long factor) {
    if (bytes.remaining() != width) {
      return null;
    }
    ByteBuffer little = littleEndian(bytes);
    long value = width == 4 ? little.getInt() : little.getLong();
    boolean fits = Math.multiplyHigh(value, factor) == (value * factor) >> 63;
    return fits ? (Object) (value * factor) : null;
  }

  private static @Nullable Object floatOf(ByteBuffer bytes) {
    return bytes.remaining() == 4 ? number(littleEndian(bytes).getFloat()) : null;
  }

  private static @Nullable Object doubleOf(ByteBuffer bytes) {
    return bytes.remaining() == 8 ? number(littleEndian(bytes).getDouble()) : null;
  }

  private static @Nullable Object number(double value) {
    return Double.isNaN(value) ? null : (Object) value;
  }

  /** The bytes of a text or binary literal; null for a text that UTF-8 cannot hold. */
  static @Nullable ByteBuffer bytesOf(Object literal) {
    if (literal instanceof CharSequence text) {
      return StandardCharsets.UTF_8.newEncoder().canEncode(text)
          ? StandardCharsets.UTF_8.encode(text.toString())
          : null;
    } else if (literal instanceof UUID uuid) {
      return ByteBuffer.allocate(16)
          .putLong(uuid.getMostSignificantBits())
          .putLong(uuid.getLeastSignificantBits())
          .flip();
    }
    return ((ByteBuffer) literal).duplicate();
  }

  static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return copy;
  }
}
