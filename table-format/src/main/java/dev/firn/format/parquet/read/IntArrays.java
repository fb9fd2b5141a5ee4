package dev.firn.format.parquet.read;

import java.util.ArrayList;
import java.util.List;

/**
 * Arrays for one window's lists of rows, used again for the next window: fresh ones would each time
 * be memory that no cache has. Thread-safe.
 */
final class IntArrays {
  private final List<int[]> arrays = new ArrayList<>();
  private int used;

  /** Takes all arrays back; those given out before must not be used any more. */
  synchronized void reset() {
    used = 0;
  }

  /** An array of at least {@code size}, with anything in it. */
  synchronized int[] take(int size) {
    if (used == arrays.size()) {
      arrays.add(new int[size]);
    } else if (arrays.get(used).length < size) {
      arrays.set(used, new int[size]);
    }
    return arrays.get(used++);
  }
}
