package dev.firn.format.parquet.read;

/** A primitive, which its leaf has loaded already. */
final class LeafPart implements VectorPart {
  private final NestedLeaf leaf;

  LeafPart(NestedLeaf leaf) {
    this.leaf = leaf;
  }

  @Override
  public void load(int slots) {
    if (leaf.slots() != slots) {
      throw leaf.corrupt(
          "its levels make %d values where those of another column make %d"
              .formatted(leaf.slots(), slots));
    }
  }

  @Override
  public void recycle() {}

  @Override
  public void close() {}
}
