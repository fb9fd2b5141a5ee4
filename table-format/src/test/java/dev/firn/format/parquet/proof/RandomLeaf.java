package dev.firn.format.parquet.proof;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.DateTimeUtil;
import org.apache.iceberg.variants.ShreddedObject;
import org.apache.iceberg.variants.Variant;
import org.apache.iceberg.variants.VariantMetadata;
import org.apache.iceberg.variants.Variants;

/** Random values of one primitive type, extremes among them. */
final class RandomLeaf {
  private static final int MEGABYTE = 1 << 20;
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  /** The years 1 to 9999: what every peer's timestamps hold. */
  private static final long FIRST_DAY = LocalDate.of(1, 1, 1).toEpochDay();

  private static final long LAST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();

  private static final float[] FLOATS = {
    Float.NaN,
    -0.0f,
    0.0f,
    Float.NEGATIVE_INFINITY,
    Float.POSITIVE_INFINITY,
    Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE
  };
  private static final double[] DOUBLES = {
    Double.NaN,
    -0.0,
    0.0,
    Double.NEGATIVE_INFINITY,
    Double.POSITIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    -Double.MAX_VALUE
  };
  private static final String[] STRINGS = {
    "", "\u0000", " ", "ü€𝄞", "\uffff", "\ud83d\ude00\ud83d\ude00", "\udbff\udfff", "é", "e\u0301"
  };

  private final Type type;
  private final Random random;
  private final int longest;
  private long step;
  private int megabytes = 1;

  RandomLeaf(Type type, Random random) {
    this.type = type;
    this.random = random;
    this.longest = random.nextInt(8) == 0 ? 300 : 12;
    this.step = random.nextInt(1000);
  }

  /** Any value, one in eight an extreme. */
  Object any() {
    return random.nextInt(8) == 0 ? extreme() : ordinary(random.nextLong());
  }

  /** Values that grow slowly: short deltas, shared prefixes, clustered statistics. */
  Object ascending() {
    step += random.nextInt(4);
    return ordinary(step);
  }

  private Object ordinary(long bits) {
    return switch (type.typeId()) {
      case BOOLEAN -> (bits & 1) == 0;
      case INTEGER -> (int) bits;
      case LONG -> bits;
      case FLOAT -> Float.valueOf(bits * 0.25f);
      case DOUBLE -> Double.valueOf(bits * 0.125);
      case DECIMAL -> decimal(bits);
      case DATE -> LocalDate.ofEpochDay(Math.floorMod(bits, 40_000L) - 10_000);
      case TIME -> LocalTime.ofNanoOfDay(Math.floorMod(bits, MICROS_PER_DAY) * 1000);
      case TIMESTAMP -> timestamp(Math.floorMod(bits, 20_000 * MICROS_PER_DAY) - MICROS_PER_DAY);
      case TIMESTAMP_NANO -> nanos(bits >> 1);
      case STRING -> string(bits);
      case UUID -> new UUID(bits, random.nextInt(3));
      case FIXED -> bytes(((Types.FixedType) type).length());
      case BINARY -> ByteBuffer.wrap(bytes((int) Math.floorMod(bits, (long) longest)));
      case VARIANT -> variant(bits);
      default -> null;
    };
  }

  private Object extreme() {
    return switch (type.typeId()) {
      case INTEGER -> random.nextBoolean() ? Integer.MIN_VALUE : Integer.MAX_VALUE;
      case LONG -> random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE;
      case FLOAT -> FLOATS[random.nextInt(FLOATS.length)];
      case DOUBLE -> DOUBLES[random.nextInt(DOUBLES.length)];
      case DECIMAL -> new BigDecimal(most().multiply(sign()), scale());
      case DATE -> LocalDate.ofEpochDay(random.nextBoolean() ? FIRST_DAY : LAST_DAY);
      case TIME -> random.nextBoolean() ? LocalTime.MIN : LocalTime.of(23, 59, 59, 999_999_000);
      case TIMESTAMP -> extremeTimestamp();
      case TIMESTAMP_NANO -> nanos(random.nextBoolean() ? -1 : Long.MAX_VALUE - 1);
      case STRING -> extremeString();
      case UUID -> new UUID(-1, random.nextBoolean() ? -1 : Long.MIN_VALUE);
      case BINARY -> ByteBuffer.wrap(bytes(random.nextBoolean() ? 0 : 2000));
      default -> ordinary(random.nextLong());
    };
  }

  private Object extremeTimestamp() {
    return switch (random.nextInt(3)) {
      case 0 -> timestamp(-1);
      case 1 -> timestamp(FIRST_DAY * MICROS_PER_DAY);
      default -> timestamp((LAST_DAY + 1) * MICROS_PER_DAY - 1);
    };
  }

  private Object extremeString() {
    if (megabytes > 0 && random.nextInt(300) == 0) {
      megabytes--;
      return "€".repeat(MEGABYTE / 3) + random.nextInt();
    }
    return STRINGS[random.nextInt(STRINGS.length)];
  }

  private Object timestamp(long micros) {
    return ((Types.TimestampType) type).shouldAdjustToUTC()
        ? DateTimeUtil.timestamptzFromMicros(micros)
        : DateTimeUtil.timestampFromMicros(micros);
  }

  private Object nanos(long nanos) {
    return ((Types.TimestampNanoType) type).shouldAdjustToUTC()
        ? DateTimeUtil.timestamptzFromNanos(nanos)
        : DateTimeUtil.timestampFromNanos(nanos);
  }

  private int scale() {
    return ((Types.DecimalType) type).scale();
  }

  private BigInteger most() {
    int precision = ((Types.DecimalType) type).precision();
    return BigInteger.TEN.pow(precision).subtract(BigInteger.ONE);
  }

  private BigInteger sign() {
    return random.nextBoolean() ? BigInteger.ONE : BigInteger.ONE.negate();
  }

  private BigDecimal decimal(long bits) {
    BigInteger wide = BigInteger.valueOf(bits).multiply(BigInteger.valueOf(random.nextInt(3) + 1));
    BigInteger unscaled = random.nextInt(3) == 0 ? wide.multiply(wide) : wide;
    return new BigDecimal(unscaled.remainder(most()), scale());
  }

  private String string(long bits) {
    int length = (int) Math.floorMod(bits, (long) longest);
    String number = Long.toString(bits);
    StringBuilder text = new StringBuilder("prefix-").append(number);
    while (text.length() < length) {
      text.append(number).append('ß');
    }
    return text.toString();
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private Variant variant(long bits) {
    VariantMetadata metadata = Variants.metadata("a", "b");
    ShreddedObject object = Variants.object(metadata);
    object.put("a", Variants.of(bits));
    object.put("b", Variants.of("ü" + new String(bytes(3), StandardCharsets.ISO_8859_1)));
    return Variant.of(metadata, (bits & 4) == 0 ? object : Variants.of(bits));
  }
}
