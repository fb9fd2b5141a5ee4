package dev.firn.format.parquet.read;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/** Where the values of a projected field come from. Immutable. */
sealed interface Node {
  /** A primitive that the file has. */
  record Stored(StoredLeaf leaf) implements Node {
    @Override
    public List<StoredLeaf> leaves() {
      return List.of(leaf);
    }
  }

  /**
   * A struct, the entries of a map, or a variant. {@code levels} says where it is null: one of the
   * children's leaves, or one that is read for nothing else.
   */
  record Struct(Shape shape, List<Node> children, StoredLeaf levels) implements Node {
    @Override
    public List<StoredLeaf> leaves() {
      List<StoredLeaf> leaves = new ArrayList<>();
      children.forEach(child -> leaves.addAll(child.leaves()));
      if (!leaves.contains(levels)) {
        leaves.add(levels);
      }
      return leaves;
    }
  }

  /** A list or a map; {@code levels} says where it is null and how long it is. */
  record Repeated(Shape shape, Node element, StoredLeaf levels) implements Node {
    @Override
    public List<StoredLeaf> leaves() {
      List<StoredLeaf> leaves = new ArrayList<>(element.leaves());
      if (!leaves.contains(levels)) {
        leaves.add(levels);
      }
      return leaves;
    }
  }

  /** One value for all slots, in Iceberg's internal representation. */
  record Constant(Type type, @Nullable Object value) implements Node {}

  /** The row's position in the file. */
  record Position() implements Node {}

  /** What the file holds, and where that is null, the row's position added to {@code first}. */
  record RowId(long first, @Nullable Stored stored) implements Node {
    @Override
    public List<StoredLeaf> leaves() {
      return stored == null ? List.of() : stored.leaves();
    }
  }

  /** What the file holds, and {@code inherited} where that is null. */
  record SequenceNumber(long inherited, @Nullable Stored stored) implements Node {
    @Override
    public List<StoredLeaf> leaves() {
      return stored == null ? List.of() : stored.leaves();
    }
  }

  /** The columns of the file that this reads, each once. */
  default List<StoredLeaf> leaves() {
    return List.of();
  }
}
