package dev.firn.scan.change;

import org.apache.arrow.vector.VectorSchemaRoot;

/** By what rows of two states of a table are the same row. Thread-safe. */
interface RowKey {
  /** Whether the row can be told by this key at all. */
  boolean has(VectorSchemaRoot rows, int row);

  /** A hash that is equal for rows that are not {@link Likeness#DIFFERENT}. */
  int hash(VectorSchemaRoot rows, int row);

  /** Compares rows of two batches. */
  Comparison comparison(VectorSchemaRoot before, VectorSchemaRoot after);

  /** Compares rows of two batches. Confined to one thread. */
  interface Comparison {
    Likeness of(int before, int after);
  }
}
