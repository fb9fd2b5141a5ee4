package dev.firn.format.write.spill;

import org.apache.arrow.vector.VectorSchemaRoot;

/** Rows of a run, and the partition of each, ascending. Owns the rows. */
record Block(VectorSchemaRoot rows, int[] partitions) implements AutoCloseable {
  @Override
  public void close() {
    rows.close();
  }
}
