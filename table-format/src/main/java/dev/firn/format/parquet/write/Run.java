package dev.firn.format.parquet.write;

import org.jspecify.annotations.Nullable;

/**
 * The values of one leaf to be added, none of them null: slots of its vector, in order. Reused:
 * valid until the next one is made.
 */
final class Run {
  private int[] slots = new int[0];
  private boolean dense;
  private int first;
  private int count;

  /** Makes it the {@code count} slots from {@code first}. */
  void range(int first, int count) {
    this.dense = true;
    this.first = first;
    this.count = count;
  }

  /** Makes it the first {@code count} of an ascending list of slots. */
  void list(int[] slots, int count) {
    this.slots = slots;
    this.count = count;
    this.first = count == 0 ? 0 : slots[0];
    this.dense = count == 0 || slots[count - 1] - first == count - 1;
  }

  int count() {
    return count;
  }

  /** The first slot. */
  int first() {
    return first;
  }

  /** The slots, of which {@link #count()} hold; null if they are a range. */
  int @Nullable [] slots() {
    return dense ? null : slots;
  }
}
