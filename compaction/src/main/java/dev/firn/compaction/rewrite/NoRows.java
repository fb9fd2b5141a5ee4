package dev.firn.compaction.rewrite;

import org.apache.iceberg.deletes.PositionDeleteIndex;

/** The row map of sources that had no live rows. */
final class NoRows implements RowMap {
  @Override
  public void forEach(int source, PositionDeleteIndex positions, Places places) {
    // All were dead when they were read.
  }

  @Override
  public void forEach(int source, Places places) {
    // All were dead when they were read.
  }

  @Override
  public void close() {
    // Keeps nothing.
  }
}
