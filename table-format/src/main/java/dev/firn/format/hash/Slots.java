package dev.firn.format.hash;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * The values of one field's vector, hashed many slots at a time. Confined to one thread; borrows
 * the vector that it was bound to last.
 */
abstract class Slots {
  private long validity;
  private boolean nulls;

  /** Looks at this vector from now on; it is not changed until the last {@link #add}. */
  void bind(FieldVector vector, DictionaryProvider dictionaries) {
    nulls = vector.getNullCount() > 0;
    validity = nulls ? vector.getValidityBuffer().memoryAddress() : 0;
  }

  /**
   * Adds the slots {@code from} to {@code to} (exclusive) to the two sums from their place 0 on. A
   * null adds nothing.
   */
  abstract void add(int from, int to, long[] one, long[] two);

  /** Whether some slot is null. */
  final boolean nulls() {
    return nulls;
  }

  /** All ones where the slot has a value, 0 where it is null. */
  final long mask(int slot) {
    return nulls ? -(long) (MemoryUtil.getByte(validity + (slot >>> 3)) >>> (slot & 7) & 1) : -1;
  }

  final boolean isNull(int slot) {
    return mask(slot) == 0;
  }
}
