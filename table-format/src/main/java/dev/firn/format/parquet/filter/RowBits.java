package dev.firn.format.parquet.filter;

import java.util.Arrays;

/** A set of rows of a batch, one bit each: a builder. Confined to one thread. */
public final class RowBits {
  private long[] words = new long[0];
  private int rows;

  /** Starts with all of {@code rows} rows in the set. */
  public void startFull(int rows) {
    start(rows);
    Arrays.fill(words, 0, rows >>> 6, -1L);
    if ((rows & 63) != 0) {
      words[rows >>> 6] = (1L << rows) - 1;
    }
  }

  /** Starts with none of {@code rows} rows in the set. */
  public void startEmpty(int rows) {
    start(rows);
  }

  private void start(int count) {
    int needed = (count + 63) >>> 6;
    if (words.length < needed) {
      words = new long[needed];
    } else {
      Arrays.fill(words, 0, needed, 0L);
    }
    rows = count;
  }

  /** How many rows the batch has. */
  public int rows() {
    return rows;
  }

  public boolean get(int row) {
    return ((words[row >>> 6] >>> row) & 1) != 0;
  }

  public void set(int row) {
    words[row >>> 6] |= 1L << row;
  }

  public void clear(int row) {
    words[row >>> 6] &= ~(1L << row);
  }

  /** Rows in the set. */
  public int count() {
    int count = 0;
    for (int i = 0; i < (rows + 63) >>> 6; i++) {
      count += Long.bitCount(words[i]);
    }
    return count;
  }

  /** Whether no row is in the set. */
  public boolean isEmpty() {
    for (int i = 0; i < (rows + 63) >>> 6; i++) {
      if (words[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The bits of rows {@code 64 * index} and on, row 0 lowest; bits past the last row are 0 and must
   * stay so.
   */
  public long word(int index) {
    return words[index];
  }

  public void word(int index, long bits) {
    words[index] = bits;
  }

  /**
   * All the bits, as {@link #word(int)}; the array is this set's own and may be longer than needed.
   */
  long[] words() {
    return words;
  }
}
