package dev.firn.compaction.rewrite;

import java.util.Map;
import org.apache.iceberg.deletes.PositionDeleteIndex;

/**
 * Where the rows of a group's sources went. Safe for one thread at a time. Owns what it keeps on
 * local disk, until it is closed.
 */
public interface RowMap extends AutoCloseable {
  /** Takes where a row went: which of the group's outputs, counted from 0, and which row of it. */
  @FunctionalInterface
  interface Places {
    void at(int output, long position);
  }

  /**
   * Tells where rows of one source went. Rows that were dead when the source was read went nowhere
   * and are passed over.
   *
   * @param source which of the group's sources, counted from 0
   * @param positions of rows in its file; borrowed
   */
  void forEach(int source, PositionDeleteIndex positions, Places places);

  /**
   * As {@link #forEach(int, PositionDeleteIndex, Places)} for several sources, at about the cost of
   * one where the map was written down.
   *
   * @param positions of rows, by their source
   */
  default void forEach(Map<Integer, PositionDeleteIndex> positions, Places places) {
    positions.forEach((source, rows) -> forEach(source, rows, places));
  }

  /** Tells where all rows of one source went. */
  void forEach(int source, Places places);

  /** Idempotent. Never throws. */
  @Override
  void close();
}
