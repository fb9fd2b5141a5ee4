package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;

/**
 * A top-level column with struct, list or map in it. Its leaves are read for the kept rows first;
 * then the levels of one leaf of each group say where the group is null and how long its lists are.
 * Leaves that disagree about a group that they share are a fault of the file.
 */
final class NestedColumn implements Column {
  private final FieldVector vector;
  private final List<StoredLeaf> stored;
  private final List<NestedLeaf> leaves = new ArrayList<>();
  private final VectorPart root;

  NestedColumn(Node node, FieldVector vector, BufferAllocator allocator) {
    this.vector = vector;
    this.stored = node.leaves();
    Map<StoredLeaf, LeafSink> sinks = new HashMap<>();
    VectorPart.sinks(node, vector, allocator, sinks);
    Map<StoredLeaf, NestedLeaf> byStored = new HashMap<>();
    for (StoredLeaf leaf : stored) {
      NestedLeaf reader = new NestedLeaf(leaf, sinks.get(leaf), allocator);
      byStored.put(leaf, reader);
      leaves.add(reader);
    }
    this.root = VectorPart.of(node, vector, byStored, allocator);
  }

  @Override
  public FieldVector vector() {
    return vector;
  }

  @Override
  public List<StoredLeaf> leaves() {
    return stored;
  }

  @Override
  public void start(GroupData group) {
    leaves.forEach(leaf -> leaf.start(group));
  }

  @Override
  public int mostRows() {
    return leaves.stream().mapToInt(NestedLeaf::mostRows).min().orElse(Integer.MAX_VALUE);
  }

  @Override
  public void read(long first, Selection rows) {
    for (NestedLeaf leaf : leaves) {
      try {
        leaf.read(first, rows);
      } catch (RuntimeException e) {
        throw leaf.failure(e);
      }
    }
    try {
      root.load(rows.count());
    } catch (RuntimeException e) {
      throw e instanceof FirnException known ? known : leaves.get(0).failure(e);
    }
  }

  @Override
  public void recycle() {
    root.recycle();
    leaves.forEach(NestedLeaf::recycle);
    vector.clear();
  }

  @Override
  public void close() {
    leaves.forEach(NestedLeaf::close);
    root.close();
  }
}
