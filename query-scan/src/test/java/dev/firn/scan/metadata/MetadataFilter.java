package dev.firn.scan.metadata;

import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/** A filter on one row's values, and its truth (null: unknown) by a judge of its own. */
record MetadataFilter(Expression expression, Function<List<Object>, Boolean> truth) {
  /** A column that can be compared: where it is in a plain row, and values to compare it with. */
  record Leaf(String name, Function<List<Object>, Object> value, List<Object> literals) {}

  static MetadataFilter of(Random random, List<Leaf> leaves, int depth) {
    if (depth == 0 || random.nextInt(3) == 0) {
      return predicate(random, leaves.get(random.nextInt(leaves.size())));
    }
    MetadataFilter left = of(random, leaves, depth - 1);
    MetadataFilter right = of(random, leaves, depth - 1);
    return switch (random.nextInt(3)) {
      case 0 ->
          new MetadataFilter(
              Expressions.and(left.expression, right.expression),
              row -> and(left.truth.apply(row), right.truth.apply(row)));
      case 1 ->
          new MetadataFilter(
              Expressions.or(left.expression, right.expression),
              row -> not(and(not(left.truth.apply(row)), not(right.truth.apply(row)))));
      default ->
          new MetadataFilter(Expressions.not(left.expression), row -> not(left.truth.apply(row)));
    };
  }

  private static MetadataFilter predicate(Random random, Leaf leaf) {
    String name = leaf.name();
    int kinds = leaf.literals().isEmpty() ? 2 : leaf.literals().get(0) instanceof Boolean ? 4 : 10;
    int kind = random.nextInt(kinds);
    if (kind < 2) {
      return new MetadataFilter(
          kind == 0 ? Expressions.isNull(name) : Expressions.notNull(name),
          row -> (leaf.value().apply(row) == null) == (kind == 0));
    }
    Object value = leaf.literals().get(random.nextInt(leaf.literals().size()));
    Object other = leaf.literals().get(random.nextInt(leaf.literals().size()));
    return switch (kind) {
      case 2 -> known(Expressions.equal(name, value), leaf, v -> order(v, value) == 0);
      case 3 -> known(Expressions.notEqual(name, value), leaf, v -> order(v, value) != 0);
      case 4 -> known(Expressions.lessThan(name, value), leaf, v -> order(v, value) < 0);
      case 5 -> known(Expressions.lessThanOrEqual(name, value), leaf, v -> order(v, value) <= 0);
      case 6 -> known(Expressions.greaterThan(name, value), leaf, v -> order(v, value) > 0);
      case 7 -> known(Expressions.greaterThanOrEqual(name, value), leaf, v -> order(v, value) >= 0);
      case 8 ->
          known(
              Expressions.in(name, value, other),
              leaf,
              v -> order(v, value) == 0 || order(v, other) == 0);
      default ->
          known(
              Expressions.notIn(name, value, other),
              leaf,
              v -> order(v, value) != 0 && order(v, other) != 0);
    };
  }

  private static MetadataFilter known(Expression expression, Leaf leaf, Predicate<Object> ofValue) {
    return new MetadataFilter(
        expression,
        row -> {
          Object value = leaf.value().apply(row);
          return value == null ? null : ofValue.test(value);
        });
  }

  @SuppressWarnings("unchecked") // values of one column are of one type
  private static int order(Object left, Object right) {
    return ((Comparable<Object>) left).compareTo(right);
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
