package dev.firn.format.parquet.filter;

import org.apache.arrow.vector.VectorSchemaRoot;

/** An exact test of the rows of a batch. Confined to one thread. */
@FunctionalInterface
public interface BatchPredicate {
  /** Removes from {@code keep} the rows for which the test is not true. Borrows the batch. */
  void test(VectorSchemaRoot columns, RowBits keep);
}
