package dev.firn.format.parquet.filter;

import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.types.Type;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.jspecify.annotations.Nullable;

/**
 * A predicate over a column that the file stores, outside lists and maps. Immutable.
 *
 * @param form how stored values compare with the wanted ones; null where they do not
 * @param some whether rows within bounds may hold one that matches
 * @param others whether they may hold one, not null, that does not match
 */
record ColumnClause(
    BoundPredicate<?> predicate,
    ColumnDescriptor column,
    ColumnPath path,
    @Nullable StoredForm form,
    BoundsTest some,
    BoundsTest others) {

  static ColumnClause of(BoundPredicate<?> predicate, ColumnDescriptor column) {
    StoredForm form = StoredForm.of(column.getPrimitiveType(), predicate.ref().type());
    return new ColumnClause(
        predicate,
        column,
        ColumnPath.get(column.getPath()),
        form,
        new BoundsTest(predicate, form),
        new BoundsTest((BoundPredicate<?>) predicate.negate(), form));
  }

  Type wanted() {
    return predicate.ref().type();
  }

  boolean mayMatch(ValueBounds bounds) {
    return some.mayMatch(bounds);
  }

  /** Whether every row within the bounds matches, so that nothing more can be ruled out. */
  boolean mustMatch(ValueBounds bounds) {
    return switch (predicate.op()) {
      case IS_NULL -> bounds.allNull();
      case NOT_NULL -> bounds.noneNull();
      default -> bounds.noneNull() && !others.mayMatch(bounds);
    };
  }
}
