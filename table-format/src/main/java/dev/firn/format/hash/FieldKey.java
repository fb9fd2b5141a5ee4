package dev.firn.format.hash;

/**
 * The numbers that tell a field's values from those of all others. A value that is one long {@code
 * v} gives {@code x = light(v ^ seed)}, and adds {@code x * one} and {@code (x ^ shift) * two} to
 * its row's two sums: never nothing to both, which is what null adds.
 *
 * @param one odd
 * @param two odd
 */
record FieldKey(long seed, long one, long two, long shift) {
  /** The field's own values: of a struct, a list or a map, that it is there. */
  static final int VALUES = 0;

  /** The parts of a variant, which have no field ids. */
  static final int VARIANT_METADATA = 1;

  static final int VARIANT_VALUE = 2;

  static FieldKey of(int fieldId, int part) {
    long start = Mix.full(((long) part << 32 | fieldId & 0xffffffffL) + 1);
    long one = Mix.full(start + 1) | 1;
    long two = Mix.full(start + 2) | 1;
    return new FieldKey(start, one, two, Mix.full(start + 3));
  }
}
