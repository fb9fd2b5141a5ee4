package dev.firn.format.write.key;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * An order of rows, as keys whose unsigned byte order it is: {@link SortKeys}, or the curve of a
 * clustering. Confined to one thread.
 */
@FunctionalInterface
public interface RowOrder {
  /**
   * Returns the keys of all rows of the batch; the caller closes them. The batch is borrowed; its
   * first columns are those of the table's schema in order, in the types of {@code
   * ArrowSchemas.toArrow}, and others may follow.
   */
  Keys of(VectorSchemaRoot batch, BufferAllocator allocator);
}
