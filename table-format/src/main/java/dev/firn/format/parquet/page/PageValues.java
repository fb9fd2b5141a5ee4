package dev.firn.format.parquet.page;

/**
 * The values of the current data page, nulls left out, in order: a cursor. Each call consumes the
 * next {@code count} values. Bounds are checked once per call, never per value. Valid until the
 * chunk's next page. A fault is a {@link CorruptPageException}.
 *
 * <p>{@code take} lists which of the {@code count} values to keep, ascending, each in {@code [0,
 * count]}; {@code count} itself stands for a null slot and gives zeros or an empty value.
 */
public interface PageValues {
  /** Bytes of each value after conversion; 0 for variable length. */
  int width();

  /** Writes {@code count} fixed-width values at {@code address}. */
  default void read(int count, long address) {
    throw new IllegalStateException("Values of variable length have no width");
  }

  /** Consumes {@code count} values and writes the {@code taken} kept ones at {@code address}. */
  default void readTaken(int count, int[] take, int taken, long address) {
    throw new IllegalStateException("Values of variable length have no width");
  }

  /** Appends {@code count} variable-length values. */
  default void read(int count, VarBuffers out) {
    throw new IllegalStateException("Values of " + width() + " bytes are not of variable length");
  }

  /** Consumes {@code count} values and appends the {@code taken} kept ones. */
  default void readTaken(int count, int[] take, int taken, VarBuffers out) {
    throw new IllegalStateException("Values of " + width() + " bytes are not of variable length");
  }

  /** Passes over {@code count} values. */
  void skip(int count);

  /** Whether the page holds indices into {@link ColumnChunk#dictionary()}. */
  default boolean isDictionary() {
    return false;
  }

  /**
   * Writes {@code count} dictionary indices, each checked, as 32-bit integers at {@code address}.
   */
  default void readIds(int count, long address) {
    throw new IllegalStateException("The page has no dictionary indices");
  }

  /** As {@link #readIds}, for the kept ones; a null slot gives 0. */
  default void readIdsTaken(int count, int[] take, int taken, long address) {
    throw new IllegalStateException("The page has no dictionary indices");
  }
}
