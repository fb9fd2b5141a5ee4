package dev.firn.scan;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** A filter, and its truth (null: unknown) for a row of values by field id. */
record RandomFilter(Expression expression, Function<Map<Integer, Object>, Boolean> truth) {
  static final RandomFilter ALL = new RandomFilter(Expressions.alwaysTrue(), row -> true);

  private static final double[] DOUBLES = {
    -0.0, 0.0, 1, 2, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
  };

  static RandomFilter of(Random random, Schema schema, int depth) {
    if (depth == 0 || random.nextInt(3) == 0) {
      List<Types.NestedField> columns = schema.columns();
      return predicate(random, columns.get(random.nextInt(columns.size())));
    }
    RandomFilter left = of(random, schema, depth - 1);
    RandomFilter right = of(random, schema, depth - 1);
    return switch (random.nextInt(3)) {
      case 0 ->
          new RandomFilter(
              Expressions.and(left.expression, right.expression),
              row -> and(left.truth.apply(row), right.truth.apply(row)));
      case 1 ->
          new RandomFilter(
              Expressions.or(left.expression, right.expression),
              row -> not(and(not(left.truth.apply(row)), not(right.truth.apply(row)))));
      default ->
          new RandomFilter(Expressions.not(left.expression), row -> not(left.truth.apply(row)));
    };
  }

  private static RandomFilter predicate(Random random, Types.NestedField field) {
    String name = field.name();
    int id = field.fieldId();
    Object value = literal(random, field.type());
    Object other = literal(random, field.type());
    boolean text = field.type().typeId() == Type.TypeID.STRING;
    if (isFloating(field.type()) && random.nextInt(5) == 0) {
      return random.nextBoolean()
          ? known(Expressions.isNaN(name), id, v -> Double.isNaN(((Number) v).doubleValue()))
          : known(Expressions.notNaN(name), id, v -> !Double.isNaN(((Number) v).doubleValue()));
    }
    return switch (random.nextInt(text ? 12 : 10)) {
      case 0 -> new RandomFilter(Expressions.isNull(name), row -> row.get(id) == null);
      case 1 -> new RandomFilter(Expressions.notNull(name), row -> row.get(id) != null);
      case 2 -> known(Expressions.equal(name, value), id, v -> order(v, value) == 0);
      case 3 -> known(Expressions.notEqual(name, value), id, v -> order(v, value) != 0);
      case 4 -> known(Expressions.lessThan(name, value), id, v -> order(v, value) < 0);
      case 5 -> known(Expressions.lessThanOrEqual(name, value), id, v -> order(v, value) <= 0);
      case 6 -> known(Expressions.greaterThan(name, value), id, v -> order(v, value) > 0);
      case 7 -> known(Expressions.greaterThanOrEqual(name, value), id, v -> order(v, value) >= 0);
      case 8 ->
          known(
              Expressions.in(name, value, other),
              id,
              v -> order(v, value) == 0 || order(v, other) == 0);
      case 9 ->
          known(
              Expressions.notIn(name, value, other),
              id,
              v -> order(v, value) != 0 && order(v, other) != 0);
      case 10 ->
          known(
              Expressions.startsWith(name, value.toString()),
              id,
              v -> v.toString().startsWith(value.toString()));
      default ->
          known(
              Expressions.notStartsWith(name, value.toString()),
              id,
              v -> !v.toString().startsWith(value.toString()));
    };
  }

  private static boolean isFloating(Type type) {
    return type.typeId() == Type.TypeID.DOUBLE || type.typeId() == Type.TypeID.FLOAT;
  }

  private static RandomFilter known(
      Expression expression, int id, Function<Object, Boolean> ofValue) {
    return new RandomFilter(
        expression,
        row -> {
          Object value = row.get(id);
          return value == null ? null : ofValue.apply(value);
        });
  }

  private static Object literal(Random random, Type type) {
    return switch (type.typeId()) {
      case INTEGER -> random.nextInt(5);
      // Sometimes out of an int's range: every row below, or none.
      case LONG -> random.nextInt(4) == 0 ? 5_000_000_000L : (long) random.nextInt(8);
      case DOUBLE -> DOUBLES[random.nextInt(DOUBLES.length)];
      case FLOAT -> (float) DOUBLES[random.nextInt(DOUBLES.length)];
      default -> List.of("a", "ab", "b", "c").get(random.nextInt(4));
    };
  }

  private static int order(Object left, Object right) {
    if (left instanceof Number a && right instanceof Number b) {
      return Double.compare(a.doubleValue(), b.doubleValue());
    }
    String a = left.toString();
    String b = right.toString();
    int shared = Math.min(a.length(), b.length());
    return IntStream.range(0, shared)
        .map(i -> a.charAt(i) - b.charAt(i))
        .filter(d -> d != 0)
        .findFirst()
        .orElse(a.length() - b.length());
  }

  private static Boolean and(Boolean left, Boolean right) {
    if (Boolean.FALSE.equals(left) || Boolean.FALSE.equals(right)) {
      return false;
    }
    boolean unknown = left == null || right == null;
    return unknown ? null : Boolean.TRUE;
  }

  private static Boolean not(Boolean value) {
    return value == null ? null : !value;
  }
}
