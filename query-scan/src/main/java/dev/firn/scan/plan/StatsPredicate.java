package dev.firn.scan.plan;

import java.util.List;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.types.Type;

/**
 * One predicate on one column, evaluated over the statistics of all rows of a chunk, by the rules
 * of Iceberg's {@code InclusiveMetricsEvaluator}: a row is left out only where its file cannot have
 * a matching row. Immutable.
 *
 * @param literals those of the predicate, none for tests of null and NaN
 */
record StatsPredicate(Operation operation, int fieldId, Type type, List<?> literals) {
  /** As Iceberg: a set that is larger is not looked at. */
  private static final int IN_LIMIT = 200;

  /** Whether it can be evaluated here. */
  static boolean supports(Operation operation, Type type) {
    return switch (operation) {
      case IS_NULL, NOT_NULL, IS_NAN, NOT_NAN -> true;
      case LT, LT_EQ, GT, GT_EQ, EQ, IN -> type.isPrimitiveType();
      default -> false;
    };
  }

  /** What is left of {@code candidates}; the set that is passed is not changed. */
  long[] matching(Chunk chunk, long[] candidates) {
    ColumnStats stats = ColumnStats.of(chunk, fieldId);
    return switch (operation) {
      case IS_NULL -> keep(candidates, stats::mayContainNull);
      case NOT_NULL -> keep(candidates, row -> !stats.nullsOnly(row));
      case IS_NAN -> keep(candidates, row -> !stats.nullsOnly(row) && !stats.noNans(row));
      case NOT_NAN -> keep(candidates, row -> !stats.nansOnly(row));
      default -> compared(stats, candidates);
    };
  }

  @FunctionalInterface
  private interface RowTest {
    boolean test(int row);
  }

  private static long[] keep(long[] candidates, RowTest test) {
    long[] kept = new long[candidates.length];
    for (int row = Bits.next(candidates, 0); row >= 0; row = Bits.next(candidates, row + 1)) {
      if (test.test(row)) {
        Bits.set(kept, row);
      }
    }
    return kept;
  }

  private long[] compared(ColumnStats stats, long[] candidates) {
    if (literals.size() > IN_LIMIT) {
      return stats.someHoldNothing()
          ? keep(candidates, row -> !stats.holdsNothing(row))
          : candidates;
    }
    Bounds lower = Bounds.of(stats.lower(), type, literals);
    Bounds upper = Bounds.of(stats.upper(), type, literals);
    if (noneMatch(lower, upper)) {
      return new long[candidates.length];
    }
    boolean someHoldNothing = stats.someHoldNothing();
    if (!someHoldNothing && allMatch(lower, upper)) {
      return candidates;
    }
    RowTest test = test(lower, upper);
    return someHoldNothing
        ? keep(candidates, row -> !stats.holdsNothing(row) && test.test(row))
        : keep(candidates, test);
  }

  private boolean noneMatch(Bounds lower, Bounds upper) {
    return switch (operation) {
      case LT -> lower.allAbove(0, true);
      case LT_EQ -> lower.allAbove(0, false);
      case GT -> upper.allBelow(0, true);
      case GT_EQ -> upper.allBelow(0, false);
      default ->
          all(literal -> lower.allAbove(literal, false))
              || all(literal -> upper.allBelow(literal, false));
    };
  }

  private boolean allMatch(Bounds lower, Bounds upper) {
    return switch (operation) {
      case LT -> lower.allBelow(0, false);
      case LT_EQ -> lower.allBelow(0, true);
      case GT -> upper.allAbove(0, false);
      case GT_EQ -> upper.allAbove(0, true);
      default -> false;
    };
  }

  private boolean all(RowTest test) {
    for (int i = 0; i < literals.size(); i++) {
      if (!test.test(i)) {
        return false;
      }
    }
    return true;
  }

  private RowTest test(Bounds lower, Bounds upper) {
    return switch (operation) {
      case LT -> row -> lower.missing(row) || lower.nan(row) || lower.compare(row, 0) < 0;
      case LT_EQ -> row -> lower.missing(row) || lower.nan(row) || lower.compare(row, 0) <= 0;
      case GT -> row -> upper.missing(row) || upper.compare(row, 0) > 0;
      case GT_EQ -> row -> upper.missing(row) || upper.compare(row, 0) >= 0;
      case EQ ->
          row ->
              (lower.missing(row) || lower.nan(row) || lower.compare(row, 0) <= 0)
                  && (upper.missing(row) || upper.compare(row, 0) >= 0);
      default -> row -> in(lower, upper, row);
    };
  }

  private boolean in(Bounds lower, Bounds upper, int row) {
    if (lower.missing(row) || lower.nan(row)) {
      return true;
    }
    boolean noUpper = upper.missing(row);
    for (int i = 0; i < literals.size(); i++) {
      if (lower.compare(row, i) <= 0 && (noUpper || upper.compare(row, i) >= 0)) {
        return true;
      }
    }
    return false;
  }
}
