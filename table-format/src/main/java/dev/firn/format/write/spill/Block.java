package dev.firn.format.write.spill;

import org.apache.arrow.vector.VectorSchemaRoot;

/** Rows of a run, and the partition of each, ascending. Owns the rows. */
final class Block implements AutoCloseable {
  private final VectorSchemaRoot rows;
  private final int[] partitions;

  Block(VectorSchemaRoot rows, int[] partitions) {
    this.rows = rows;
    this.partitions = partitions;
  }

  VectorSchemaRoot rows() {
    return rows;
  }

  int partition(int row) {
    return partitions[row];
  }

  int size() {
    return partitions.length;
  }

  @Override
  public void close() {
    rows.close();
  }
}
