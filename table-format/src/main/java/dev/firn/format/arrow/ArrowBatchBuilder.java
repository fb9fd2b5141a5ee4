package dev.firn.format.arrow;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/** A builder: fills the vectors of one root with Iceberg records. Owns the root. SKELETON. */
public final class ArrowBatchBuilder implements AutoCloseable {
  public ArrowBatchBuilder(Schema schema, BufferAllocator allocator) {
    throw new UnsupportedOperationException(schema.toString() + allocator);
  }

  /** Fills an existing root, which stays its owner's. */
  public ArrowBatchBuilder(Schema schema, VectorSchemaRoot root) {
    throw new UnsupportedOperationException(schema.toString() + root);
  }

  public void add(Record row) {
    throw new UnsupportedOperationException(row.toString());
  }

  public int rows() {
    throw new UnsupportedOperationException();
  }

  /** Sets the row count; valid until the next {@link #clear()} or {@link #close()}. */
  public VectorSchemaRoot finish() {
    throw new UnsupportedOperationException();
  }

  public void clear() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
