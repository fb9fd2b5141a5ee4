package dev.firn.format.parquet.filter;

import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * A part of a filter. Unknown counts as not true, which conjunction and disjunction preserve;
 * negation has been pushed down to the predicates before. Confined to one thread.
 */
interface RowTest {
  /** Takes the vectors of a batch, which must stay as they are until the next call. */
  void load(VectorSchemaRoot batch, int rows);

  /**
   * Clears the bits of rows for which the test is not true. {@code keep} has one bit per row of the
   * batch loaded, none set past its end.
   */
  void retain(long[] keep);

  /** Words that {@code rows} bits take. */
  static int words(int rows) {
    return (rows + 63) >>> 6;
  }
}
