package dev.firn.format.parquet.page;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.parquet.schema.PrimitiveType;

/**
 * Values of a physical type as PLAIN stores them, without a length: random, with the extremes and
 * repetitions.
 */
final class RandomValues {
  private final Random random;

  RandomValues(Random random) {
    this.random = random;
  }

  /** The style is chosen at random too: few distinct ones, runs of them, small ones, any. */
  List<byte[]> values(PrimitiveType type, int count) {
    int style = random.nextInt(4);
    int longest = random.nextInt(3) == 0 ? 300 : 1 + random.nextInt(40);
    int distinct = style == 3 ? count : 1 + random.nextInt(1 << random.nextInt(12));
    List<byte[]> pool = new ArrayList<>();
    for (int i = 0; i < Math.max(1, distinct); i++) {
      pool.add(value(type, style == 2, longest));
    }
    List<byte[]> values = new ArrayList<>();
    int left = 0;
    byte[] current = pool.get(0);
    for (int i = 0; i < count; i++) {
      if (left == 0) {
        current = style == 3 ? pool.get(i) : pool.get(random.nextInt(pool.size()));
        left = style == 1 ? 1 + random.nextInt(random.nextInt(10) == 0 ? 900 : 20) : 1;
      }
      values.add(current);
      left--;
    }
    return values;
  }

  private byte[] value(PrimitiveType type, boolean small, int longest) {
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> new byte[] {(byte) random.nextInt(2)};
      case INT32 -> number(small ? random.nextInt(1000) : extreme(random.nextInt()), 4);
      case INT64 -> number(small ? random.nextInt(1000) : extreme(random.nextLong()), 8);
      // parquet-java's writers know one NaN
      case FLOAT -> number(Float.floatToIntBits(Float.intBitsToFloat(random.nextInt())), 4);
      case DOUBLE -> number(Double.doubleToLongBits(Double.longBitsToDouble(random.nextLong())), 8);
      case INT96 -> bytes(12);
      case FIXED_LEN_BYTE_ARRAY -> shared(bytes(type.getTypeLength()));
      case BINARY -> shared(bytes(random.nextInt(longest)));
    };
  }

  // a prefix that others have too, for encodings that leave it out
  private byte[] shared(byte[] value) {
    Arrays.fill(value, 0, random.nextInt(value.length + 1), (byte) 'x');
    return value;
  }

  private long extreme(long value) {
    return switch (random.nextInt(8)) {
      case 0 -> Long.MIN_VALUE;
      case 1 -> Long.MAX_VALUE;
      case 2 -> Integer.MIN_VALUE;
      case 3 -> Integer.MAX_VALUE;
      default -> value;
    };
  }

  private static byte[] number(long value, int width) {
    return Arrays.copyOf(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array(), width);
  }

  private byte[] bytes(int length) {
    byte[] value = new byte[length];
    random.nextBytes(value);
    return value;
  }
}
