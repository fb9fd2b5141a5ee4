package dev.firn.format.parquet.read;

import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;

/** A column that has one value in the whole file. */
final class ConstantColumn implements Column {
  private final FieldVector vector;
  private final ConstantFill fill;

  ConstantColumn(Node.Constant node, FieldVector vector, BufferAllocator allocator) {
    this.vector = vector;
    this.fill = new ConstantFill(vector, node.type(), node.value(), allocator);
  }

  @Override
  public FieldVector vector() {
    return vector;
  }

  @Override
  public List<StoredLeaf> leaves() {
    return List.of();
  }

  @Override
  public void start(GroupData group) {}

  @Override
  public int mostRows() {
    return fill.mostSlots();
  }

  @Override
  public void read(long first, Selection rows) {
    fill.load(rows.count());
  }

  @Override
  public void recycle() {
    fill.recycle();
    vector.clear();
  }

  @Override
  public void close() {
    fill.close();
  }
}
