package dev.firn.change;

import org.apache.iceberg.expressions.Expression;
import org.jspecify.annotations.Nullable;

/**
 * What a merge does with some rows.
 *
 * @param when an expression that has to hold; null where {@code test} decides
 * @param test a function that has to hold; null where there is none
 * @param action what is done
 * @param values what {@code SET} sets
 */
record Clause(
    @Nullable Expression when, @Nullable PairCondition test, Action action, Assignments values) {
  enum Action {
    /** Sets given columns. */
    SET,
    /** Sets every column that the source has. */
    ALL,
    DELETE,
    IGNORE
  }

  /** Whether it applies to every row that it is asked for. */
  boolean isUnconditional() {
    return when == null && test == null;
  }

  boolean writes() {
    return action == Action.SET || action == Action.ALL;
  }
}
