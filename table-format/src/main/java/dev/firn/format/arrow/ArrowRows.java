package dev.firn.format.arrow;

import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * Reads the rows of Arrow batches as Iceberg records of a target schema, columns matched by name.
 * SKELETON.
 */
public final class ArrowRows {
  private ArrowRows() {}

  /** Fields absent from the batch are null (their write default where there is one). */
  public static Iterable<Record> rows(VectorSchemaRoot batch, Schema target) {
    throw new UnsupportedOperationException(target.toString());
  }
}
