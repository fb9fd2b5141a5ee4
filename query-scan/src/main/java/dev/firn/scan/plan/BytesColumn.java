package dev.firn.scan.plan;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Strings of bytes of the rows of a chunk, some of which may be absent: as numbers, as a dictionary
 * and codes, or one after the other. Immutable.
 */
abstract sealed class BytesColumn permits NumberBytes, DictionaryBytes, PlainBytes {
  /** How a stage holds a string of bytes of its buffer. */
  static long slice(int offset, int length) {
    return ((long) offset << 32) | length;
  }

  static int offset(long slice) {
    return (int) (slice >>> 32);
  }

  static int length(long slice) {
    return (int) slice;
  }

  /** Packs slices of {@code buffer}; null where no row has one. */
  static @Nullable BytesColumn of(LongStage stage, byte[] buffer, int rows) {
    if (!stage.any(rows)) {
      return null;
    }
    long[] slices = stage.values(rows);
    long @Nullable [] present = stage.present(rows);
    NumberBytes numbers = NumberBytes.of(slices, present, buffer, rows);
    if (numbers != null && numbers.bitsPerRow() <= 12) {
      return numbers;
    }
    DictionaryBytes dictionary = DictionaryBytes.of(slices, present, buffer, rows);
    if (dictionary != null) {
      return numbers != null && numbers.weight() <= dictionary.weight() ? numbers : dictionary;
    }
    return numbers != null ? numbers : PlainBytes.of(slices, present, buffer, rows);
  }

  abstract boolean isNull(int row);

  /** The bytes of a row that has some, as a copy. */
  abstract byte[] get(int row);

  abstract long weight();

  /** Whether both have the same bytes in the same rows; false where that is not easy to tell. */
  abstract boolean equalTo(BytesColumn other, int rows);

  static byte[] copy(byte[] buffer, long slice) {
    return Arrays.copyOfRange(buffer, offset(slice), offset(slice) + length(slice));
  }
}
