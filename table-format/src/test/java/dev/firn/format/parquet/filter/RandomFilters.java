package dev.firn.format.parquet.filter;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.UnboundTerm;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.ByteBuffers;

/** Random filters whose literals are often values of the rows, or next to them. */
public final class RandomFilters {
  private static final List<Operation> ORDERED =
      List.of(
          Operation.LT,
          Operation.LT_EQ,
          Operation.GT,
          Operation.GT_EQ,
          Operation.EQ,
          Operation.EQ,
          Operation.NOT_EQ,
          Operation.IN,
          Operation.IN,
          Operation.NOT_IN);

  private record Column(String name, Type type, List<Integer> positions) {}

  private final Random random;
  private final List<Record> rows;
  private final List<Column> columns = new ArrayList<>();
  private final boolean transforms;

  /** {@code transforms} says whether terms may be transforms of columns. */
  public RandomFilters(Random random, Schema schema, List<Record> rows, boolean transforms) {
    this.random = random;
    this.rows = rows;
    this.transforms = transforms;
    collect("", schema.asStruct(), List.of());
  }

  private void collect(String prefix, Types.StructType struct, List<Integer> above) {
    for (int i = 0; i < struct.fields().size(); i++) {
      NestedField field = struct.fields().get(i);
      List<Integer> positions = new ArrayList<>(above);
      positions.add(i);
      columns.add(new Column(prefix + field.name(), field.type(), positions));
      if (field.type().isStructType()) {
        collect(prefix + field.name() + ".", field.type().asStructType(), positions);
      }
    }
  }

  /** A filter of up to {@code 2 ^ depth} predicates. */
  public Expression filter(int depth) {
    int kind = depth == 0 ? 9 : random.nextInt(10);
    return switch (kind) {
      case 0, 1, 2 -> Expressions.and(filter(depth - 1), filter(depth - 1));
      case 3, 4, 5 -> Expressions.or(filter(depth - 1), filter(depth - 1));
      case 6 -> Expressions.not(filter(depth - 1));
      default -> predicate();
    };
  }

  private Expression predicate() {
    Column column = one(columns);
    if (random.nextInt(6) == 0 || !comparable(column.type())) {
      return random.nextBoolean()
          ? Expressions.isNull(column.name())
          : Expressions.notNull(column.name());
    }
    Type.TypeID type = column.type().typeId();
    if ((type == Type.TypeID.FLOAT || type == Type.TypeID.DOUBLE) && random.nextInt(4) == 0) {
      return random.nextBoolean()
          ? Expressions.isNaN(column.name())
          : Expressions.notNaN(column.name());
    }
    if (type == Type.TypeID.STRING && random.nextInt(4) == 0) {
      String text = literal(column).toString();
      String prefix = text.substring(0, text.isEmpty() ? 0 : random.nextInt(text.length()));
      return random.nextBoolean()
          ? Expressions.startsWith(column.name(), prefix)
          : Expressions.notStartsWith(column.name(), prefix);
    }
    if (transforms && random.nextInt(6) == 0) {
      Expression transformed = transformed(column);
      if (transformed != null) {
        return transformed;
      }
    }
    return comparison(Expressions.ref(column.name()), column);
  }

  private static boolean comparable(Type type) {
    return type.isPrimitiveType() && type.typeId() != Type.TypeID.UNKNOWN;
  }

  private Expression comparison(UnboundTerm<Object> term, Column column) {
    Operation op = one(ORDERED);
    if (op != Operation.IN && op != Operation.NOT_IN) {
      return Expressions.predicate(op, term, List.of(literal(column)));
    }
    List<Object> literals = new ArrayList<>();
    int count = 1 + random.nextInt(random.nextBoolean() ? 4 : 40);
    for (int i = 0; i < count; i++) {
      literals.add(literal(column));
    }
    return Expressions.predicate(op, term, literals);
  }

  private Expression transformed(Column column) {
    Operation op = one(ORDERED.subList(0, 7));
    return switch (column.type().typeId()) {
      case DATE, TIMESTAMP, TIMESTAMP_NANO ->
          random.nextBoolean()
              ? Expressions.predicate(
                  op, Expressions.<Integer>year(column.name()), List.of(random.nextInt(60) - 5))
              : Expressions.predicate(
                  op,
                  Expressions.<Integer>day(column.name()),
                  List.of(random.nextInt(30_000) - 5_000));
      case STRING ->
          Expressions.predicate(
              op, Expressions.<String>truncate(column.name(), 2), List.of("s" + digit()));
      case INTEGER, LONG, DECIMAL, UUID, BINARY ->
          Expressions.predicate(
              op, Expressions.<Integer>bucket(column.name(), 8), List.of(digit()));
      default -> null;
    };
  }

  private int digit() {
    return random.nextInt(10);
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private Object literal(Column column) {
    for (int i = 0; i < 5; i++) {
      Object value = one(rows);
      for (int position : column.positions()) {
        value = value == null ? null : ((Record) value).get(position);
      }
      if (value != null && !value.equals(Double.NaN) && !value.equals(Float.NaN)) {
        return stored(column.type(), value);
      }
    }
    return other(column.type());
  }

  private Object stored(Type type, Object value) {
    if (value instanceof LocalDate date) {
      return (int) date.toEpochDay() + nudge();
    } else if (value instanceof LocalTime time) {
      return time.toNanoOfDay() / 1000;
    } else if (value instanceof OffsetDateTime || value instanceof LocalDateTime) {
      return value.toString();
    } else if (value instanceof Integer number) {
      return random.nextInt(4) == 0
          ? (Object) (number + 3_000_000_000L * nudge())
          : number + nudge();
    } else if (value instanceof Long number) {
      return number + nudge();
    } else if (value instanceof BigDecimal decimal) {
      return decimal.add(BigDecimal.valueOf(nudge(), decimal.scale()));
    } else if (value instanceof String text) {
      return text(text);
    } else if (value instanceof byte[] bytes && type.typeId() == Type.TypeID.FIXED) {
      return bytes;
    } else if (value instanceof ByteBuffer buffer) {
      return ByteBuffer.wrap(
          Arrays.copyOf(ByteBuffers.toByteArray(buffer), random.nextInt(buffer.capacity() + 2)));
    }
    return value;
  }

  private Object text(String text) {
    return switch (random.nextInt(8)) {
      case 0 -> text + "a";
      case 1 -> text + "\uD834\uDD1E";
      case 2 -> "\uFFFD" + text;
      case 3 -> text + "\uD834";
      default -> text;
    };
  }

  private int nudge() {
    return random.nextInt(3) - 1;
  }

  private Object other(Type type) {
    return switch (type.typeId()) {
      case BOOLEAN -> random.nextBoolean();
      case INTEGER, DATE -> random.nextInt();
      case LONG, TIME -> random.nextLong() >>> 20;
      case FLOAT, DOUBLE -> random.nextDouble();
      case DECIMAL -> BigDecimal.valueOf(digit(), ((Types.DecimalType) type).scale());
      case TIMESTAMP ->
          ((Types.TimestampType) type).shouldAdjustToUTC()
              ? "2020-01-01T00:00:00.123456+00:00"
              : LocalDateTime.of(2020, 1, 1, 0, 0).plus(digit(), ChronoUnit.MICROS).toString();
      case TIMESTAMP_NANO ->
          ((Types.TimestampNanoType) type).shouldAdjustToUTC()
              ? "2020-01-01T00:00:00.123456789+00:00"
              : "2020-01-01T00:00:00.123456789";
      case STRING -> "s" + digit();
      case UUID -> new UUID(random.nextLong(), random.nextLong());
      case FIXED -> new byte[((Types.FixedType) type).length()];
      case BINARY -> ByteBuffer.wrap(new byte[] {(byte) digit()});
      default -> throw new IllegalArgumentException("No literals of " + type);
    };
  }
}
