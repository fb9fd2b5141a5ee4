package dev.firn.format.parquet.filter;

import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A filter's shape for pruning: negation pushed down, predicates that can rule something out as
 * leaves.
 */
sealed interface Clause {
  /** Whether anything may match, given whether each leaf may. */
  boolean mayMatch(Predicate<ColumnClause> leaf);

  /** The rows that may match, given those of each leaf; {@code rows} is how many there are. */
  RowRanges rows(long rows, Function<ColumnClause, RowRanges> leaf);

  static Clause and(Clause left, Clause right) {
    return left instanceof Anything
        ? right
        : right instanceof Anything ? left : new And(left, right);
  }

  static Clause or(Clause left, Clause right) {
    return left instanceof Anything
        ? left
        : right instanceof Anything ? right : new Or(left, right);
  }

  /** Rules nothing out. */
  record Anything() implements Clause {
    @Override
    public boolean mayMatch(Predicate<ColumnClause> leaf) {
      return true;
    }

    @Override
    public RowRanges rows(long rows, Function<ColumnClause, RowRanges> leaf) {
      return RowRanges.all(rows);
    }
  }

  /** Rules everything out. */
  record Nothing() implements Clause {
    @Override
    public boolean mayMatch(Predicate<ColumnClause> leaf) {
      return false;
    }

    @Override
    public RowRanges rows(long rows, Function<ColumnClause, RowRanges> leaf) {
      return RowRanges.none();
    }
  }

  /** One predicate over one stored column. */
  record Leaf(ColumnClause column) implements Clause {
    @Override
    public boolean mayMatch(Predicate<ColumnClause> leaf) {
      return leaf.test(column);
    }

    @Override
    public RowRanges rows(long rows, Function<ColumnClause, RowRanges> leaf) {
      return leaf.apply(column);
    }
  }

  /** Both must match. */
  record And(Clause left, Clause right) implements Clause {
    @Override
    public boolean mayMatch(Predicate<ColumnClause> leaf) {
      return left.mayMatch(leaf) && right.mayMatch(leaf);
    }

    @Override
    public RowRanges rows(long rows, Function<ColumnClause, RowRanges> leaf) {
      RowRanges first = left.rows(rows, leaf);
      return first.isEmpty() ? first : first.and(right.rows(rows, leaf));
    }
  }

  /** Either must match. */
  record Or(Clause left, Clause right) implements Clause {
    @Override
    public boolean mayMatch(Predicate<ColumnClause> leaf) {
      return left.mayMatch(leaf) || right.mayMatch(leaf);
    }

    @Override
    public RowRanges rows(long rows, Function<ColumnClause, RowRanges> leaf) {
      RowRanges first = left.rows(rows, leaf);
      return first.rows() == rows ? first : first.or(right.rows(rows, leaf));
    }
  }
}
