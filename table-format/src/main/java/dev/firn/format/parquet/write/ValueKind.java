package dev.firn.format.parquet.write;

/** How values stand in Parquet, and how they are ordered. */
enum ValueKind {
  BOOLEAN,
  INT,
  LONG,
  FLOAT,
  DOUBLE,
  /** Byte strings of any length, ordered unsigned. */
  BINARY,
  /** Byte strings of one length, ordered unsigned. */
  FIXED,
  /** Byte strings of one length that are big-endian numbers. */
  SIGNED_FIXED;

  /** Whether min, max and NaNs are those of floating-point numbers. */
  boolean floating() {
    return this == FLOAT || this == DOUBLE;
  }
}
