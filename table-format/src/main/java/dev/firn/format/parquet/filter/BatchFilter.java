package dev.firn.format.parquet.filter;

import java.util.Set;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;

/**
 * An Iceberg expression as a vectorised test: a row passes where the expression is true, not where it is
 * unknown (SQL's three-valued logic). Values compare as Iceberg's comparators order them: NaN above every other
 * number, -0.0 below 0.0. Confined to one thread.
 */
public final class BatchFilter implements BatchPredicate {
  /**
   * Binds by name (case sensitive) against {@code schema}; fails as Iceberg's binder fails. Batches must hold
   * the columns of {@code columns}, top-level columns found by name, in the vectors of {@code
   * ArrowSchemas.toArrow(columns)}.
   */
  public static BatchFilter bind(Schema columns, Expression filter) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** The ids of the top-level columns that the filter looks at, of {@code schema}. */
  public static Set<Integer> topLevelColumns(Schema schema, Expression filter) {
    throw new UnsupportedOperationException("SKELETON");
  }

  @Override
  public void test(VectorSchemaRoot columns, RowBits keep) {
    throw new UnsupportedOperationException("SKELETON");
  }
}
