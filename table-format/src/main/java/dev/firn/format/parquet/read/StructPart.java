package dev.firn.format.parquet.read;

import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** A struct: its validity comes from the levels of one leaf, with which the others must agree. */
final class StructPart implements VectorPart {
  private final StructVector vector;
  private final Shape shape;
  private final NestedLeaf levels;
  private final List<NestedLeaf> others;
  private final List<VectorPart> children;
  private final Slab validity;

  StructPart(
      StructVector vector,
      Shape shape,
      NestedLeaf levels,
      List<NestedLeaf> others,
      List<VectorPart> children,
      BufferAllocator allocator) {
    this.vector = vector;
    this.shape = shape;
    this.levels = levels;
    this.others = List.copyOf(others);
    this.children = List.copyOf(children);
    this.validity = new Slab(allocator);
  }

  @Override
  public void load(int slots) {
    int own = LevelWalk.slots(levels, shape);
    if (own != slots) {
      throw levels.corrupt(
          "its levels make %d structs where %d are expected".formatted(own, slots));
    }
    for (NestedLeaf other : others) {
      if (!LevelWalk.agree(levels, other, shape)) {
        throw other.corrupt(
            "its levels do not agree with those of column " + levels.stored().path().toDotString());
      }
    }
    long bits = validity.ensure(Bitmaps.bytes(slots), 0).memoryAddress();
    LevelWalk.validity(levels, shape, bits);
    children.forEach(child -> child.load(slots));
    vector.loadFieldBuffers(new ArrowFieldNode(slots, -1), List.of(validity.buffer()));
    validity.close();
  }

  @Override
  public void recycle() {
    validity.recycle(vector.getValidityBuffer());
    children.forEach(VectorPart::recycle);
  }

  @Override
  public void close() {
    validity.close();
    children.forEach(VectorPart::close);
  }
}
