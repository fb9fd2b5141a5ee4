package dev.firn.scan.plan;

/** The statistics that an entry has by field id. */
enum Statistic {
  COLUMN_SIZES,
  VALUE_COUNTS,
  NULL_COUNTS,
  NAN_COUNTS,
  LOWER_BOUNDS,
  UPPER_BOUNDS;

  boolean isBound() {
    return this == LOWER_BOUNDS || this == UPPER_BOUNDS;
  }
}
