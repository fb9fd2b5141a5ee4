package dev.firn.upsert;

import org.apache.arrow.vector.VectorSchemaRoot;

/** Consecutive changes. Immutable; owns its batches. */
final class Segment implements AutoCloseable {
  private final VectorSchemaRoot keys;
  private final byte[] changes;
  private final VectorSchemaRoot rows;
  private final int[] rowOf;

  /**
   * Takes everything over.
   *
   * @param keys one key for each change
   * @param changes the code of each {@link Change}
   * @param rows the rows that come, in order
   * @param rowOf the row of each change among {@code rows}; -1 where it has none
   */
  Segment(VectorSchemaRoot keys, byte[] changes, VectorSchemaRoot rows, int[] rowOf) {
    this.keys = keys;
    this.changes = changes;
    this.rows = rows;
    this.rowOf = rowOf;
  }

  VectorSchemaRoot keys() {
    return keys;
  }

  VectorSchemaRoot rows() {
    return rows;
  }

  int size() {
    return changes.length;
  }

  byte change(int i) {
    return changes[i];
  }

  int rowOf(int i) {
    return rowOf[i];
  }

  @Override
  public void close() {
    keys.close();
    rows.close();
  }
}
