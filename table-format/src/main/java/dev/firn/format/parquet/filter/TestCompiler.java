package dev.firn.format.parquet.filter;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.BoundLiteralPredicate;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.BoundReference;
import org.apache.iceberg.expressions.BoundSetPredicate;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.NaNUtil;
import org.jspecify.annotations.Nullable;

/** Expressions as vectorised tests, each predicate specialised for its type and operation. */
final class TestCompiler extends FilterBinding<RowTest> {
  private final Schema schema;

  TestCompiler(Schema schema) {
    super(schema);
    this.schema = schema;
  }

  @Override
  public RowTest alwaysTrue() {
    return Junctions.TRUE;
  }

  @Override
  public RowTest alwaysFalse() {
    return Junctions.FALSE;
  }

  @Override
  public RowTest and(RowTest left, RowTest right) {
    return Junctions.and(left, right);
  }

  @Override
  public RowTest or(RowTest left, RowTest right) {
    return Junctions.or(left, right);
  }

  @Override
  RowTest bound(BoundPredicate<?> predicate) {
    List<NestedField> path = path(schema, predicate.ref().fieldId());
    if (predicate.term() instanceof BoundReference<?>) {
      ColumnPath column = new ColumnPath(arrowPath(schema, path));
      RowTest test = test(predicate, column, predicate.ref().type());
      if (test != null) {
        return test;
      }
    }
    return new TermTest<>(predicate, schema.columns(), schema.columns().indexOf(path.get(0)));
  }

  /** A test of a predicate over a column itself; null where it cannot be vectorised. */
  static @Nullable RowTest test(BoundPredicate<?> predicate, ColumnPath column, Type type) {
    Operation op = predicate.op();
    return switch (op) {
      case IS_NULL -> new NullTest(column, true);
      case NOT_NULL -> new NullTest(column, false);
      case IS_NAN, NOT_NAN -> nanTest(column, type, op == Operation.IS_NAN);
      case STARTS_WITH, NOT_STARTS_WITH -> {
        byte[] prefix = bytes(literal(predicate));
        yield prefix == null
            ? null
            : new BytesTest.Prefix(column, prefix, op == Operation.STARTS_WITH);
      }
      case IN, NOT_IN ->
          setTest(
              column, type, ((BoundSetPredicate<?>) predicate).literalSet(), op == Operation.IN);
      default -> comparison(column, type, op, literal(predicate));
    };
  }

  private static Object literal(BoundPredicate<?> predicate) {
    return ((BoundLiteralPredicate<?>) predicate).literal().value();
  }

  private static RowTest nanTest(ColumnPath column, Type type, boolean wantNan) {
    RangeTests.Keys keys =
        type.typeId() == Type.TypeID.FLOAT ? RangeTests.Keys.FLOAT : RangeTests.Keys.DOUBLE;
    BigInteger highest =
        keys == RangeTests.Keys.FLOAT
            ? key(Float.POSITIVE_INFINITY)
            : key(Double.POSITIVE_INFINITY);
    return RangeTests.of(column, keys, new Interval(lowest(keys), highest, wantNan));
  }

  private static @Nullable RowTest comparison(
      ColumnPath column, Type type, Operation op, Object literal) {
    if (literal instanceof Boolean value) {
      return new BooleanTest(column, holds(op, false, value), holds(op, true, value));
    }
    RangeTests.Keys keys = keys(type);
    if (keys != null) {
      BigInteger key = key(type, literal);
      return key == null ? null : RangeTests.of(column, keys, Interval.of(op, lowest(keys), key));
    }
    byte[] value = bytes(literal);
    if (value == null) {
      return null;
    }
    int width = width(type);
    return switch (op) {
      case EQ -> new BytesTest.Equal(column, width, value, true);
      case NOT_EQ -> new BytesTest.Equal(column, width, value, false);
      case LT -> new BytesTest.Order(column, width, value, true, false, false);
      case LT_EQ -> new BytesTest.Order(column, width, value, true, true, false);
      case GT -> new BytesTest.Order(column, width, value, false, false, true);
      case GT_EQ -> new BytesTest.Order(column, width, value, false, true, true);
      default -> null;
    };
  }

  private static boolean holds(Operation op, boolean left, boolean right) {
    int order = Boolean.compare(left, right);
    return switch (op) {
      case EQ -> order == 0;
      case NOT_EQ -> order != 0;
      case LT -> order < 0;
      case LT_EQ -> order <= 0;
      case GT -> order > 0;
      case GT_EQ -> order >= 0;
      default -> throw new IllegalArgumentException("Not a comparison: " + op);
    };
  }

  private static @Nullable RowTest setTest(
      ColumnPath column, Type type, Set<?> literals, boolean wanted) {
    if (type.typeId() == Type.TypeID.BOOLEAN) {
      return new BooleanTest(
          column, literals.contains(false) == wanted, literals.contains(true) == wanted);
    }
    RangeTests.Keys keys = keys(type);
    if (keys == null || keys == RangeTests.Keys.DECIMAL || keys == RangeTests.Keys.UUID) {
      return byteSetTest(column, type, literals, wanted);
    }
    long[] members = new long[literals.size()];
    int count = 0;
    for (Object literal : literals) {
      BigInteger key = key(type, literal);
      if (key == null) {
        return null;
      }
      members[count++] = key.longValueExact();
    }
    return new LongSetTest(column, keys, members, wanted);
  }

  private static @Nullable RowTest byteSetTest(
      ColumnPath column, Type type, Collection<?> literals, boolean wanted) {
    List<byte[]> members = new ArrayList<>();
    for (Object literal : literals) {
      byte[] bytes = literal instanceof BigDecimal d ? decimalBytes(type, d) : bytes(literal);
      if (bytes == null) {
        return null;
      }
      members.add(bytes);
    }
    ByteStrings.Set set = new ByteStrings.Set(members, members.size());
    return new BytesTest.In(column, width(type), set, wanted);
  }

  private static RangeTests.@Nullable Keys keys(Type type) {
    return switch (type.typeId()) {
      case INTEGER, DATE -> RangeTests.Keys.INT;
      case LONG, TIME, TIMESTAMP, TIMESTAMP_NANO -> RangeTests.Keys.LONG;
      case FLOAT -> RangeTests.Keys.FLOAT;
      case DOUBLE -> RangeTests.Keys.DOUBLE;
      case DECIMAL -> RangeTests.Keys.DECIMAL;
      case UUID -> RangeTests.Keys.UUID;
      default -> null;
    };
  }

  private static BigInteger lowest(RangeTests.Keys keys) {
    return switch (keys) {
      case INT -> BigInteger.valueOf(Integer.MIN_VALUE);
      case LONG -> BigInteger.valueOf(Long.MIN_VALUE);
      case FLOAT -> key(Float.NEGATIVE_INFINITY);
      case DOUBLE -> key(Double.NEGATIVE_INFINITY);
      case DECIMAL, UUID -> BigInteger.ONE.negate().shiftLeft(127);
    };
  }

  private static BigInteger key(float value) {
    return BigInteger.valueOf(Interval.key(Float.floatToIntBits(value)));
  }

  private static BigInteger key(double value) {
    return BigInteger.valueOf(Interval.key(Double.doubleToLongBits(value)));
  }

  /** Null where the literal has no key among those of stored values. */
  private static @Nullable BigInteger key(Type type, Object literal) {
    if (NaNUtil.isNaN(literal)) {
      return null;
    }
    if (literal instanceof Float value) {
      return key(value.floatValue());
    } else if (literal instanceof Double value) {
      return key(value.doubleValue());
    } else if (literal instanceof UUID value) {
      return Interval.key(value);
    } else if (literal instanceof BigDecimal value) {
      return unscaled(type, value);
    } else if (literal instanceof Integer || literal instanceof Long) {
      return BigInteger.valueOf(((Number) literal).longValue());
    }
    return null;
  }

  private static @Nullable BigInteger unscaled(Type type, BigDecimal value) {
    boolean stored =
        value.scale() == ((Types.DecimalType) type).scale()
            && value.unscaledValue().bitLength() < 128;
    return stored ? value.unscaledValue() : null;
  }

  /** As Arrow stores decimals: 16 bytes, little-endian. */
  private static byte @Nullable [] decimalBytes(Type type, BigDecimal value) {
    BigInteger unscaled = unscaled(type, value);
    if (unscaled == null) {
      return null;
    }
    byte[] bytes = new byte[16];
    for (int i = 0; i < 16; i++) {
      bytes[i] = unscaled.shiftRight(8 * i).byteValue();
    }
    return bytes;
  }

  /** Null where no value of a column can have such bytes, as of half a surrogate pair. */
  private static byte @Nullable [] bytes(Object literal) {
    if (literal instanceof CharSequence text) {
      return StandardCharsets.UTF_8.newEncoder().canEncode(text)
          ? text.toString().getBytes(StandardCharsets.UTF_8)
          : null;
    } else if (literal instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    } else if (literal instanceof UUID uuid) {
      return ByteBuffer.allocate(16)
          .putLong(uuid.getMostSignificantBits())
          .putLong(uuid.getLeastSignificantBits())
          .array();
    }
    return null;
  }

  private static int width(Type type) {
    return switch (type.typeId()) {
      case FIXED -> ((Types.FixedType) type).length();
      case DECIMAL, UUID -> 16;
      default -> 0;
    };
  }
}
