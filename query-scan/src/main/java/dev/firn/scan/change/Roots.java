package dev.firn.scan.change;

import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Roots over vectors that others made. Stateless. */
final class Roots {
  private Roots() {}

  /** A root of these vectors: closing it closes them. */
  static VectorSchemaRoot of(List<FieldVector> columns, int rows) {
    return new VectorSchemaRoot(
        columns.stream().map(ValueVector::getField).toList(), columns, rows);
  }

  /** The rows of one column count as the root's, where there is one. */
  static VectorSchemaRoot only(VectorSchemaRoot root, int[] columns) {
    List<FieldVector> vectors = java.util.Arrays.stream(columns).mapToObj(root::getVector).toList();
    return of(vectors, root.getRowCount());
  }
}
