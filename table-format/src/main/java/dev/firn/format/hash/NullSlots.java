package dev.firn.format.hash;

import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** A column of the unknown type: nulls only. */
final class NullSlots extends Slots {
  @Override
  void bind(FieldVector vector, DictionaryProvider dictionaries) {
    // Arrow's null vector has no buffers to look at.
  }

  @Override
  void add(int from, int to, long[] one, long[] two) {
    // A null adds nothing.
  }
}
