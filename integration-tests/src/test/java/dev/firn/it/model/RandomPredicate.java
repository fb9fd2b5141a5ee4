package dev.firn.it.model;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * A filter, and its truth (null: unknown) for a row of values by field id: whole numbers as long,
 * floating ones as double, NaN above all others.
 */
record RandomPredicate(
    Expression expression, Function<Map<Integer, @Nullable Object>, @Nullable Boolean> truth) {

  boolean holds(Map<Integer, @Nullable Object> row) {
    return Boolean.TRUE.equals(truth.apply(row));
  }

  static RandomPredicate of(Random random, Schema schema, int depth) {
    if (depth == 0 || random.nextInt(3) == 0) {
      List<Types.NestedField> columns = schema.columns();
      return simple(random, columns.get(random.nextInt(columns.size())));
    }
    RandomPredicate left = of(random, schema, depth - 1);
    RandomPredicate right = of(random, schema, depth - 1);
    return switch (random.nextInt(3)) {
      case 0 ->
          new RandomPredicate(
              Expressions.and(left.expression, right.expression),
              row -> and(left.truth.apply(row), right.truth.apply(row)));
      case 1 ->
          new RandomPredicate(
              Expressions.or(left.expression, right.expression),
              row -> not(and(not(left.truth.apply(row)), not(right.truth.apply(row)))));
      default ->
          new RandomPredicate(Expressions.not(left.expression), row -> not(left.truth.apply(row)));
    };
  }

  private static RandomPredicate simple(Random random, Types.NestedField field) {
    String name = field.name();
    int id = field.fieldId();
    Object value = literal(random, field.type());
    Object other = literal(random, field.type());
    Comparator<Object> order = RandomPredicate::order;
    boolean floating = value instanceof Double;
    return switch (random.nextInt(value instanceof String || floating ? 12 : 10)) {
      case 0 -> new RandomPredicate(Expressions.isNull(name), row -> row.get(id) == null);
      case 1 -> new RandomPredicate(Expressions.notNull(name), row -> row.get(id) != null);
      case 2 -> known(Expressions.equal(name, value), id, v -> order.compare(v, value) == 0);
      case 3 -> known(Expressions.notEqual(name, value), id, v -> order.compare(v, value) != 0);
      case 4 -> known(Expressions.lessThan(name, value), id, v -> order.compare(v, value) < 0);
      case 5 ->
          known(Expressions.lessThanOrEqual(name, value), id, v -> order.compare(v, value) <= 0);
      case 6 -> known(Expressions.greaterThan(name, value), id, v -> order.compare(v, value) > 0);
      case 7 ->
          known(Expressions.greaterThanOrEqual(name, value), id, v -> order.compare(v, value) >= 0);
      case 8 ->
          known(
              Expressions.in(name, value, other),
              id,
              v -> order.compare(v, value) == 0 || order.compare(v, other) == 0);
      case 9 ->
          known(
              Expressions.notIn(name, value, other),
              id,
              v -> order.compare(v, value) != 0 && order.compare(v, other) != 0);
      case 10 ->
          floating
              ? known(Expressions.isNaN(name), id, v -> ((Double) v).isNaN())
              : known(
                  Expressions.startsWith(name, (String) value),
                  id,
                  v -> ((String) v).startsWith((String) value));
      default ->
          floating
              ? known(Expressions.notNaN(name), id, v -> !((Double) v).isNaN())
              : known(
                  Expressions.notStartsWith(name, (String) value),
                  id,
                  v -> !((String) v).startsWith((String) value));
    };
  }

  private static RandomPredicate known(Expression expression, int id, Predicate<Object> ofValue) {
    return new RandomPredicate(
        expression,
        row -> {
          Object value = row.get(id);
          return value == null ? null : ofValue.test(value);
        });
  }

  private static Object literal(Random random, Type type) {
    return switch (type.typeId()) {
      case INTEGER -> (long) random.nextInt(5);
      case LONG -> random.nextInt(5) == 0 ? 5_000_000_000L : (long) random.nextInt(60);
      case FLOAT, DOUBLE -> (double) random.nextInt(4);
      default -> List.of("a", "ab", "b", "c").get(random.nextInt(4));
    };
  }

  private static int order(Object left, Object right) {
    if (left instanceof Double a) {
      return a.compareTo((Double) right);
    }
    return left instanceof Long a
        ? a.compareTo((Long) right)
        : ((String) left).compareTo((String) right);
  }

  private static @Nullable Boolean and(@Nullable Boolean left, @Nullable Boolean right) {
    if (Boolean.FALSE.equals(left) || Boolean.FALSE.equals(right)) {
      return false;
    }
    return (left == null || right == null) ? null : Boolean.TRUE;
  }

  private static @Nullable Boolean not(@Nullable Boolean value) {
    return value == null ? null : !value;
  }
}
