package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** A primitive in Iceberg's internal representation as the bytes of its Arrow vector. Stateless. */
final class ConstantBytes {
  private static final int DECIMAL_WIDTH = 16;

  private ConstantBytes() {}

  static byte[] of(Type type, Object value) {
    try {
      return switch (type.typeId()) {
        case BOOLEAN -> new byte[] {(byte) ((Boolean) value ? 1 : 0)};
        case INTEGER, DATE -> little(4).putInt(((Number) value).intValue()).array();
        case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO ->
            little(8).putLong(((Number) value).longValue()).array();
        case FLOAT -> little(4).putFloat(((Number) value).floatValue()).array();
        case DOUBLE -> little(8).putDouble(((Number) value).doubleValue()).array();
        case DECIMAL -> decimal((Types.DecimalType) type, (BigDecimal) value);
        case STRING -> value.toString().getBytes(StandardCharsets.UTF_8);
        case UUID -> uuid((UUID) value);
        default -> bytes(value);
      };
    } catch (ClassCastException | ArithmeticException e) {
      throw new FirnException(
          dev.firn.error.ErrorKind.INVALID,
          "Cannot use constant: expected a value of type %s, got %s of %s"
              .formatted(type, value, value.getClass().getName()),
          e);
    }
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] decimal(Types.DecimalType type, BigDecimal value) {
    BigInteger unscaled = value.setScale(type.scale()).unscaledValue();
    byte[] big = unscaled.toByteArray();
    byte[] little = new byte[DECIMAL_WIDTH];
    Arrays.fill(little, (byte) (unscaled.signum() < 0 ? -1 : 0));
    for (int i = 0; i < big.length; i++) {
      little[i] = big[big.length - 1 - i];
    }
    return little;
  }

  private static byte[] uuid(UUID value) {
    return ByteBuffer.allocate(16)
        .putLong(value.getMostSignificantBits())
        .putLong(value.getLeastSignificantBits())
        .array();
  }

  private static byte[] bytes(Object value) {
    if (value instanceof byte[] array) {
      return array;
    }
    ByteBuffer buffer = ((ByteBuffer) value).duplicate();
    byte[] copy = new byte[buffer.remaining()];
    buffer.get(copy);
    return copy;
  }
}
