package dev.firn.format.parquet.page;

/**
 * The repetition or definition levels of the current data page: a cursor. A level above the
 * maximum, and too few levels, are a {@link CorruptPageException}. A column without such levels
 * gives zeros.
 */
public interface Levels {
  /** Reads {@code count} levels into {@code out} from {@code offset}. */
  void read(int count, short[] out, int offset);

  /**
   * Reads {@code count} levels of a column whose maximum is 1 as bits, least significant first,
   * into the bitmap at {@code address} from bit {@code bit}; bits before it are kept, bits after
   * are unspecified within the last byte. Returns how many are 1. Where the maximum is 0 all bits
   * are set.
   */
  int readBits(int count, long address, long bit);

  /** Passes over {@code count} levels; returns how many equal the maximum. */
  int skip(int count);
}
