package dev.firn.format.parquet.read;

import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** A list or a map: its validity and offsets come from the levels of one leaf. */
final class ListPart implements VectorPart {
  private final ListVector vector;
  private final Shape shape;
  private final NestedLeaf levels;
  private final VectorPart element;
  private final Slab validity;
  private final Slab offsets;

  ListPart(
      ListVector vector,
      Shape shape,
      NestedLeaf levels,
      VectorPart element,
      BufferAllocator allocator) {
    this.vector = vector;
    this.shape = shape;
    this.levels = levels;
    this.element = element;
    this.validity = new Slab(allocator);
    this.offsets = new Slab(allocator);
  }

  @Override
  public void load(int slots) {
    int own = LevelWalk.slots(levels, shape);
    if (own != slots) {
      throw levels.corrupt("its levels make %d lists where %d are expected".formatted(own, slots));
    }
    long bits = validity.ensure(Bitmaps.bytes(slots), 0).memoryAddress();
    LevelWalk.validity(levels, shape, bits);
    long starts = offsets.ensure((slots + 1L) * Integer.BYTES, 0).memoryAddress();
    int elements = LevelWalk.offsets(levels, shape, starts);
    if (elements < 0) {
      throw levels.corrupt("its levels go on with a list that has no element");
    }
    element.load(elements);
    vector.loadFieldBuffers(
        new ArrowFieldNode(slots, -1), List.of(validity.buffer(), offsets.buffer()));
    validity.close();
    offsets.close();
  }

  @Override
  public void recycle() {
    validity.recycle(vector.getValidityBuffer());
    offsets.recycle(vector.getOffsetBuffer());
    element.recycle();
  }

  @Override
  public void close() {
    validity.close();
    offsets.close();
    element.close();
  }
}
