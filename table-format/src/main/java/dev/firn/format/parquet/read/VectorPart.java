package dev.firn.format.parquet.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.jspecify.annotations.Nullable;

/**
 * A vector inside a nested column, loaded once its leaves are read. Owns memory between batches.
 */
sealed interface VectorPart extends AutoCloseable
    permits LeafPart, StructPart, ListPart, ConstantFill {
  /** Loads {@code slots} slots. */
  void load(int slots);

  /** Takes the vector's memory back, before it is cleared. */
  void recycle();

  @Override
  void close();

  /** Finds the vector of each stored leaf, and makes its sink. */
  static void sinks(
      Node node, FieldVector vector, BufferAllocator allocator, Map<StoredLeaf, LeafSink> into) {
    if (node instanceof Node.Stored stored) {
      into.put(stored.leaf(), LeafSink.of(vector, allocator));
    } else if (node instanceof Node.Struct struct) {
      List<FieldVector> children = vector.getChildrenFromFields();
      for (int i = 0; i < children.size(); i++) {
        sinks(struct.children().get(i), children.get(i), allocator, into);
      }
    } else if (node instanceof Node.Repeated repeated) {
      sinks(repeated.element(), vector.getChildrenFromFields().get(0), allocator, into);
    }
  }

  /** The part that loads {@code vector}, and those inside of it. */
  static VectorPart of(
      Node node,
      FieldVector vector,
      Map<StoredLeaf, NestedLeaf> leaves,
      BufferAllocator allocator) {
    if (node instanceof Node.Stored stored) {
      return new LeafPart(at(leaves, stored.leaf()));
    }
    if (node instanceof Node.Struct struct) {
      return struct(struct, (StructVector) vector, leaves, allocator);
    }
    if (node instanceof Node.Repeated repeated) {
      FieldVector child = vector.getChildrenFromFields().get(0);
      return new ListPart(
          (ListVector) vector,
          repeated.shape(),
          at(leaves, repeated.levels()),
          of(repeated.element(), child, leaves, allocator),
          allocator);
    }
    if (node instanceof Node.Constant constant) {
      return new ConstantFill(vector, constant.type(), constant.value(), allocator);
    }
    throw new IllegalArgumentException("not inside of a column: " + node);
  }

  private static VectorPart struct(
      Node.Struct node,
      StructVector vector,
      Map<StoredLeaf, NestedLeaf> leaves,
      BufferAllocator allocator) {
    List<VectorPart> parts = new ArrayList<>();
    List<NestedLeaf> others = new ArrayList<>();
    List<FieldVector> children = vector.getChildrenFromFields();
    for (int i = 0; i < children.size(); i++) {
      Node child = node.children().get(i);
      parts.add(of(child, children.get(i), leaves, allocator));
      StoredLeaf levels = levels(child);
      if (levels != null && levels != node.levels()) {
        others.add(at(leaves, levels));
      }
    }
    return new StructPart(
        vector, node.shape(), at(leaves, node.levels()), others, parts, allocator);
  }

  /** The leaf that a node goes by. */
  private static @Nullable StoredLeaf levels(Node node) {
    if (node instanceof Node.Stored stored) {
      return stored.leaf();
    }
    if (node instanceof Node.Struct struct) {
      return struct.levels();
    }
    return node instanceof Node.Repeated repeated ? repeated.levels() : null;
  }

  private static NestedLeaf at(Map<StoredLeaf, NestedLeaf> leaves, StoredLeaf leaf) {
    NestedLeaf found = leaves.get(leaf);
    if (found == null) {
      throw new IllegalArgumentException("a leaf that is not read: " + leaf.path());
    }
    return found;
  }
}
