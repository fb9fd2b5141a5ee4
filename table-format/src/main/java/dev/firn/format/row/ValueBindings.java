package dev.firn.format.row;

import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.ByteBuffers;
import org.apache.iceberg.variants.Variant;
import org.jspecify.annotations.Nullable;

/** The binding of each pair of types, resolved once per component. Stateless. */
final class ValueBindings {
  private static final ValueBinding SAME = binding(v -> v, v -> v);

  private ValueBindings() {}

  static ValueBinding binding(UnaryOperator<Object> to, UnaryOperator<Object> from) {
    return new ValueBinding() {
      @Override
      public Object toIceberg(Object value) {
        return to.apply(value);
      }

      @Override
      public Object fromIceberg(Object value) {
        return from.apply(value);
      }
    };
  }

  /** Returns the binding, or null where the types can never fit. */
  static @Nullable ValueBinding of(
      Type java, org.apache.iceberg.types.Type iceberg, String column) {
    Class<?> raw = JavaTypes.boxed(JavaTypes.raw(java));
    if (raw == Object.class) {
      return SAME;
    }
    return switch (iceberg.typeId()) {
      case BOOLEAN -> same(raw, Boolean.class);
      case INTEGER -> integers(raw, false);
      case LONG -> integers(raw, true);
      case FLOAT -> floats(raw);
      case DOUBLE -> doubles(raw);
      case DECIMAL -> decimals(raw, (Types.DecimalType) iceberg);
      case STRING -> strings(raw);
      case UUID -> same(raw, UUID.class);
      case DATE -> same(raw, LocalDate.class);
      case TIME -> same(raw, LocalTime.class);
      case TIMESTAMP -> timestamps(raw, ((Types.TimestampType) iceberg).shouldAdjustToUTC());
      case TIMESTAMP_NANO ->
          timestamps(raw, ((Types.TimestampNanoType) iceberg).shouldAdjustToUTC());
      case BINARY -> binaries(raw);
      case FIXED -> fixed(raw);
      case VARIANT -> same(raw, Variant.class);
      case STRUCT, LIST, MAP -> NestedBindings.of(java, iceberg, column);
      case UNKNOWN -> SAME;
      case GEOMETRY, GEOGRAPHY -> null;
    };
  }

  private static @Nullable ValueBinding same(Class<?> raw, Class<?> wanted) {
    return raw == wanted ? SAME : null;
  }

  private static @Nullable ValueBinding integers(Class<?> raw, boolean wide) {
    UnaryOperator<Object> from = integersOf(raw);
    if (from == null) {
      return null;
    }
    return wide
        ? binding(v -> ((Number) v).longValue(), from)
        : binding(v -> Math.toIntExact(((Number) v).longValue()), from);
  }

  private static @Nullable UnaryOperator<Object> integersOf(Class<?> raw) {
    if (raw == Integer.class) {
      return v -> Math.toIntExact(((Number) v).longValue());
    } else if (raw == Long.class) {
      return v -> ((Number) v).longValue();
    } else if (raw == Short.class) {
      return v -> (short) exact(v, Short.MIN_VALUE, Short.MAX_VALUE);
    } else if (raw == Byte.class) {
      return v -> (byte) exact(v, Byte.MIN_VALUE, Byte.MAX_VALUE);
    }
    return null;
  }

  private static long exact(Object value, long least, long most) {
    long number = ((Number) value).longValue();
    if (number < least || number > most) {
      throw new ArithmeticException("out of range");
    }
    return number;
  }

  private static @Nullable ValueBinding floats(Class<?> raw) {
    if (raw == Float.class) {
      return SAME;
    }
    return raw == Double.class
        ? binding(v -> narrow((Double) v), v -> ((Float) v).doubleValue())
        : null;
  }

  private static @Nullable ValueBinding doubles(Class<?> raw) {
    if (raw == Double.class) {
      return SAME;
    }
    return raw == Float.class
        ? binding(v -> ((Float) v).doubleValue(), v -> narrow((Double) v))
        : null;
  }

  private static float narrow(double value) {
    if ((float) value != value && !Double.isNaN(value)) {
      throw new ArithmeticException("not a float");
    }
    return (float) value;
  }

  private static @Nullable ValueBinding decimals(Class<?> raw, Types.DecimalType type) {
    if (raw == BigDecimal.class) {
      return binding(v -> fit((BigDecimal) v, type), v -> v);
    }
    if (raw == BigInteger.class) {
      return binding(
          v -> fit(new BigDecimal((BigInteger) v), type),
          v -> ((BigDecimal) v).toBigIntegerExact());
    }
    UnaryOperator<Object> from = integersOf(raw);
    return from == null
        ? null
        : binding(
            v -> fit(BigDecimal.valueOf(((Number) v).longValue()), type),
            v -> from.apply(((BigDecimal) v).longValueExact()));
  }

  private static BigDecimal fit(BigDecimal value, Types.DecimalType type) {
    BigDecimal fit = Decimals.fit(value, type);
    if (fit == null) {
      throw new ArithmeticException("not exact");
    }
    return fit;
  }

  private static @Nullable ValueBinding strings(Class<?> raw) {
    if (raw == String.class || raw == CharSequence.class) {
      return binding(Object::toString, Object::toString);
    }
    return raw.isEnum() ? binding(v -> ((Enum<?>) v).name(), v -> constant(raw, v)) : null;
  }

  private static Object constant(Class<?> type, Object name) {
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().contentEquals((CharSequence) name)) {
        return constant;
      }
    }
    throw new IllegalArgumentException("no such constant");
  }

  private static @Nullable ValueBinding timestamps(Class<?> raw, boolean zoned) {
    if (!zoned) {
      return same(raw, LocalDateTime.class);
    }
    if (raw == OffsetDateTime.class) {
      return SAME;
    } else if (raw == Instant.class) {
      return binding(
          v -> ((Instant) v).atOffset(ZoneOffset.UTC), v -> ((OffsetDateTime) v).toInstant());
    } else if (raw == ZonedDateTime.class) {
      return binding(
          v -> ((ZonedDateTime) v).toOffsetDateTime(),
          v -> ((OffsetDateTime) v).atZoneSameInstant(ZoneOffset.UTC));
    }
    return null;
  }

  private static @Nullable ValueBinding binaries(Class<?> raw) {
    if (raw == ByteBuffer.class) {
      return SAME;
    }
    return raw == byte[].class
        ? binding(
            v -> ByteBuffer.wrap((byte[]) v), v -> ByteBuffers.toByteArray((ByteBuffer) v).clone())
        : null;
  }

  private static @Nullable ValueBinding fixed(Class<?> raw) {
    if (raw == byte[].class) {
      return SAME;
    }
    return raw == ByteBuffer.class
        ? binding(
            v -> ByteBuffers.toByteArray((ByteBuffer) v).clone(), v -> ByteBuffer.wrap((byte[]) v))
        : null;
  }
}
