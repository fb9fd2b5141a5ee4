package dev.firn.format.parquet.read;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;

/** Makes the reader of each column. Stateless. */
final class Columns {
  private Columns() {}

  /** The column that loads {@code vector} from {@code node}. */
  static Column of(Node node, FieldVector vector, BufferAllocator allocator) {
    if (node instanceof Node.Stored stored) {
      return flat(stored, vector, allocator);
    }
    if (node instanceof Node.Constant constant) {
      return new ConstantColumn(constant, vector, allocator);
    }
    if (node instanceof Node.Position) {
      return new PositionColumn(0, vector, allocator);
    }
    if (node instanceof Node.RowId id) {
      return id.stored() == null
          ? new PositionColumn(id.first(), vector, allocator)
          : new LineageColumn(flat(id.stored(), vector, allocator), id.first(), 1);
    }
    if (node instanceof Node.SequenceNumber number) {
      return number.stored() == null
          ? new ConstantColumn(
              new Node.Constant(org.apache.iceberg.types.Types.LongType.get(), number.inherited()),
              vector,
              allocator)
          : new LineageColumn(flat(number.stored(), vector, allocator), number.inherited(), 0);
    }
    return new NestedColumn(node, vector, allocator);
  }

  private static FlatColumn flat(
      Node.Stored stored, FieldVector vector, BufferAllocator allocator) {
    return new FlatColumn(stored.leaf(), LeafSink.of(vector, allocator), allocator);
  }
}
