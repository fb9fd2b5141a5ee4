package dev.firn.format.parquet.page;

/** What is done to each value between its stored form and the wanted one. */
public enum Conversion {
  /** As stored; booleans come out as one byte each, 0 or 1. */
  NONE,
  INT_TO_LONG,
  UNSIGNED_INT_TO_LONG,
  FLOAT_TO_DOUBLE,
  /** To 16 bytes, little-endian two's complement, as Arrow's 128-bit decimals. */
  INT_TO_DECIMAL,
  LONG_TO_DECIMAL,
  /**
   * From big-endian two's complement, fixed or variable length; longer than 16 bytes is corrupt.
   */
  BYTES_TO_DECIMAL,
  INT96_TO_MICROS,
  INT96_TO_NANOS,
  INT_MILLIS_TO_MICROS,
  LONG_MILLIS_TO_MICROS,
  LONG_MILLIS_TO_NANOS,
  MICROS_TO_NANOS,
  NANOS_TO_MICROS,
  DATE_TO_MICROS,
  DATE_TO_NANOS
}
