package dev.firn.scan.change;

/** What a row before and a row after are to each other. */
enum Likeness {
  /** The same row, unchanged. */
  SAME,
  /** The same row, changed. */
  UPDATED,
  /** Two rows. */
  DIFFERENT
}
