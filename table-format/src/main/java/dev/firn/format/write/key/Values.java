package dev.firn.format.write.key;

import java.util.Arrays;

/**
 * One column's values for the rows of a batch, in a form that transforms, hashes and orders
 * quickly. Reused from batch to batch. Confined to one thread.
 *
 * <p>A {@code LONG} is in {@link #words}, in an order that is the type's own; {@code BYTES} lie at
 * the address in {@link #words}, their length in {@link #lengths}; a {@code WIDE} integer has its
 * low half in {@link #words}, its high half in {@link #highs}. A null has length −1.
 */
final class Values {
  enum Kind {
    LONG,
    BYTES,
    WIDE
  }

  Kind kind = Kind.LONG;
  int count;
  long[] words = {};
  long[] highs = {};
  int[] lengths = {};

  void reset(Kind newKind, int newCount) {
    kind = newKind;
    count = newCount;
    if (words.length < newCount) {
      words = new long[newCount];
      lengths = new int[newCount];
    }
    if (newKind == Kind.WIDE && highs.length < newCount) {
      highs = new long[newCount];
    }
    Arrays.fill(lengths, 0, newCount, 0);
  }

  boolean isNull(int row) {
    return lengths[row] < 0;
  }
}
