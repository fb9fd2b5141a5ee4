package dev.firn.testing;

import java.util.Comparator;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * A filter, and its truth (null: unknown) for a row by a judge of its own, which knows SQL's
 * three-valued logic and nothing of Iceberg's evaluators. Immutable.
 *
 * @param <R> what the judge sees of a row
 */
public record TruthFilter<R>(Expression expression, Function<R, @Nullable Boolean> truth) {
  /** How many kinds of {@link Column#predicate} there are. */
  public static final int KINDS = 10;

  /** True of every row. */
  public static <R> TruthFilter<R> all() {
    return new TruthFilter<>(Expressions.alwaysTrue(), row -> true);
  }

  /** A tree of and, or, not, at most {@code depth} deep, over what {@code leaves} gives. */
  public static <R> TruthFilter<R> of(Random random, int depth, Supplier<TruthFilter<R>> leaves) {
    if (depth == 0 || random.nextInt(3) == 0) {
      return leaves.get();
    }
    TruthFilter<R> left = of(random, depth - 1, leaves);
    TruthFilter<R> right = of(random, depth - 1, leaves);
    return switch (random.nextInt(3)) {
      case 0 ->
          new TruthFilter<>(
              Expressions.and(left.expression, right.expression),
              row -> and(left.truth.apply(row), right.truth.apply(row)));
      case 1 ->
          new TruthFilter<>(
              Expressions.or(left.expression, right.expression),
              row -> not(and(not(left.truth.apply(row)), not(right.truth.apply(row)))));
      default ->
          new TruthFilter<>(Expressions.not(left.expression), row -> not(left.truth.apply(row)));
    };
  }

  /** Whether it is surely true of the row. */
  public boolean holds(R row) {
    return Boolean.TRUE.equals(truth.apply(row));
  }

  private static @Nullable Boolean and(@Nullable Boolean left, @Nullable Boolean right) {
    if (Boolean.FALSE.equals(left) || Boolean.FALSE.equals(right)) {
      return false;
    }
    return left == null || right == null ? null : Boolean.TRUE;
  }

  private static @Nullable Boolean not(@Nullable Boolean value) {
    return value == null ? null : !value;
  }

  /**
   * A column that filters test.
   *
   * @param value of a row in it, or null
   * @param order of its values
   */
  public record Column<R>(
      String name, Function<R, @Nullable Object> value, Comparator<Object> order) {
    /** One of {@link #KINDS} predicates: is null, not null, six comparisons, in, not in. */
    public TruthFilter<R> predicate(int kind, Object first, Object other) {
      Comparator<Object> by = order;
      return switch (kind) {
        case 0 -> new TruthFilter<>(Expressions.isNull(name), row -> value.apply(row) == null);
        case 1 -> new TruthFilter<>(Expressions.notNull(name), row -> value.apply(row) != null);
        case 2 -> known(Expressions.equal(name, first), v -> by.compare(v, first) == 0);
        case 3 -> known(Expressions.notEqual(name, first), v -> by.compare(v, first) != 0);
        case 4 -> known(Expressions.lessThan(name, first), v -> by.compare(v, first) < 0);
        case 5 -> known(Expressions.lessThanOrEqual(name, first), v -> by.compare(v, first) <= 0);
        case 6 -> known(Expressions.greaterThan(name, first), v -> by.compare(v, first) > 0);
        case 7 ->
            known(Expressions.greaterThanOrEqual(name, first), v -> by.compare(v, first) >= 0);
        case 8 ->
            known(
                Expressions.in(name, first, other),
                v -> by.compare(v, first) == 0 || by.compare(v, other) == 0);
        case 9 ->
            known(
                Expressions.notIn(name, first, other),
                v -> by.compare(v, first) != 0 && by.compare(v, other) != 0);
        default -> throw new IllegalArgumentException("There is no kind " + kind);
      };
    }

    /** A predicate that is unknown of null, and else as {@code ofValue} says. */
    public TruthFilter<R> known(Expression expression, Predicate<Object> ofValue) {
      return new TruthFilter<>(
          expression,
          row -> {
            Object found = value.apply(row);
            return found == null ? null : ofValue.test(found);
          });
    }
  }
}
