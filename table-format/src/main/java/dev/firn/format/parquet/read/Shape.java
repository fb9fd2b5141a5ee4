package dev.firn.format.parquet.read;

/**
 * Where in Dremel's levels a field stands. A level pair starts a slot of the field where its
 * repetition level is at most {@code rep} and its definition level at least {@code slotDef}; the
 * slot is not null where the definition level is at least {@code def}.
 */
record Shape(int rep, int slotDef, int def) {
  /** The place of the message itself. */
  static final Shape ROOT = new Shape(0, 0, 0);

  /** A field of this one, not repeated. */
  Shape child(boolean optional) {
    return new Shape(rep, slotDef, optional ? def + 1 : def);
  }

  /** The elements of this one, which is repeated. */
  Shape element() {
    return new Shape(rep + 1, def + 1, def + 1);
  }
}
