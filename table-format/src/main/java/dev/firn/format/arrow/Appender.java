package dev.firn.format.arrow;

import org.jspecify.annotations.Nullable;

/** Puts values into one vector, in order of index. Confined to one thread. */
interface Appender {
  /** Sets the value at {@code index}, growing the vector; throws ClassCastException on a misfit. */
  void append(int index, @Nullable Object value);
}
