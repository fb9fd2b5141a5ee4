package dev.firn.format.arrow;

import org.jspecify.annotations.Nullable;

/** One vector's values as generic records hold them. Confined to one thread. */
interface ColumnReader {
  /** Returns a copy of the value at {@code index}, or null. */
  @Nullable Object read(int index);
}
