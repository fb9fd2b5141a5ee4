package dev.firn.compaction.rewrite;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BigIntVector;

/**
 * Where a row came from, in one number: its source, and its position there in the lower 40 bits.
 */
final class Origin {
  private static final int POSITION_BITS = 40;
  private static final long MOST_POSITIONS = 1L << POSITION_BITS;
  private static final long MOST_SOURCES = 1L << (Long.SIZE - 1 - POSITION_BITS);

  private Origin() {}

  /** Turns positions in a source into origins, in place. */
  static void of(int source, BigIntVector positions) {
    long base = (long) source << POSITION_BITS;
    long address = positions.getDataBuffer().memoryAddress();
    for (int row = 0; row < positions.getValueCount(); row++) {
      long at = address + (long) row * Long.BYTES;
      MemoryUtil.putLong(at, base | MemoryUtil.getLong(at));
    }
  }

  static int source(long origin) {
    return (int) (origin >>> POSITION_BITS);
  }

  static long position(long origin) {
    return origin & (MOST_POSITIONS - 1);
  }

  /** Fails where there are more sources, or rows in one, than fit. */
  static void check(int sources, long mostRows) {
    if (sources > MOST_SOURCES || mostRows > MOST_POSITIONS) {
      throw new FirnException(
          ErrorKind.INVALID,
          "Cannot rewrite files together: they are too many or too long, expected at most "
              + MOST_SOURCES
              + " files of "
              + MOST_POSITIONS
              + " rows, got "
              + sources
              + " of up to "
              + mostRows
              + "; rewrite fewer at a time");
    }
  }
}
