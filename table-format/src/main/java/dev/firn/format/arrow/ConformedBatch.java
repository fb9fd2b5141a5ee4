package dev.firn.format.arrow;

import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * A batch whose vectors are a schema's columns in order, in the types of {@link
 * ArrowSchemas#toArrow}. Owns the vectors that had to be made; borrows the others from the batch
 * given, which must outlive it.
 */
public final class ConformedBatch implements AutoCloseable {
  private final VectorSchemaRoot rows;
  private final List<FieldVector> made;

  ConformedBatch(List<FieldVector> columns, List<FieldVector> made, int rowCount) {
    this.rows =
        new VectorSchemaRoot(
            columns.stream().map(FieldVector::getField).toList(), columns, rowCount);
    this.made = made;
  }

  /** The rows; not to be closed by the caller. */
  public VectorSchemaRoot rows() {
    return rows;
  }

  @Override
  public void close() {
    made.forEach(FieldVector::close);
  }
}
