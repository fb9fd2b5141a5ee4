package dev.firn.format.parquet.filter;

import java.util.HashSet;
import java.util.Set;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.Expression;

/**
 * An Iceberg expression as a vectorised test: a row passes where the expression is true, not where
 * it is unknown (SQL's three-valued logic). Values compare as Iceberg's comparators order them: NaN
 * above every other number, -0.0 below 0.0. Confined to one thread.
 *
 * <p>How it works: negation is pushed down to the predicates, where three-valued logic obeys De
 * Morgan. What remains is conjunction and disjunction, which never turn unknown into true, so each
 * predicate may answer false where it is unknown. Predicates clear bits, 64 rows at a time, and
 * pass over words without a bit.
 */
public final class BatchFilter implements BatchPredicate {
  private final RowTest test;

  private BatchFilter(RowTest test) {
    this.test = test;
  }

  /**
   * Binds by name (case sensitive) against {@code columns}; fails as Iceberg's binder fails, and is
   * {@code INVALID} for a field inside a list, a map or a variant. Batches must hold those of the
   * columns that the filter looks at, top-level columns found by name, in the vectors of {@code
   * ArrowSchemas.toArrow(columns)}, not dictionary-encoded.
   */
  public static BatchFilter bind(Schema columns, Expression filter) {
    return new BatchFilter(new TestCompiler(columns).bind(filter));
  }

  /** The ids of the top-level columns that the filter looks at, of {@code schema}. */
  public static Set<Integer> topLevelColumns(Schema schema, Expression filter) {
    return new References(schema).bind(filter);
  }

  /** Whether every row passes. */
  public boolean isTrue() {
    return test == Junctions.TRUE;
  }

  /** Whether no row passes. */
  public boolean isFalse() {
    return test == Junctions.FALSE;
  }

  /** {@inheritDoc} {@code keep} must have a bit for each row of the batch. */
  @Override
  public void test(VectorSchemaRoot columns, RowBits keep) {
    if (keep.rows() != columns.getRowCount()) {
      throw new IllegalArgumentException(
          keep.rows() + " bits for a batch of " + columns.getRowCount() + " rows");
    }
    if (!keep.isEmpty()) {
      test.load(columns, keep.rows());
      test.retain(keep.words());
    }
  }

  private static final class References extends FilterBinding<Set<Integer>> {
    private final Schema schema;

    References(Schema schema) {
      super(schema);
      this.schema = schema;
    }

    @Override
    public Set<Integer> alwaysTrue() {
      return Set.of();
    }

    @Override
    public Set<Integer> alwaysFalse() {
      return Set.of();
    }

    @Override
    public Set<Integer> and(Set<Integer> left, Set<Integer> right) {
      Set<Integer> both = new HashSet<>(left);
      both.addAll(right);
      return both;
    }

    @Override
    public Set<Integer> or(Set<Integer> left, Set<Integer> right) {
      return and(left, right);
    }

    @Override
    Set<Integer> bound(BoundPredicate<?> predicate) {
      return Set.of(path(schema, predicate.ref().fieldId()).get(0).fieldId());
    }
  }
}
