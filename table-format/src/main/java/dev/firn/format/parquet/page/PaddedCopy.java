package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getLong;
import static org.apache.arrow.memory.util.MemoryUtil.putLong;

import org.apache.arrow.memory.util.MemoryUtil;

/** Copies of short byte strings by whole words. */
final class PaddedCopy {
  private static final int FIRST = 48;
  private static final int BY_WORDS = 128;

  private PaddedCopy() {}

  /**
   * Copies {@code length} bytes. Up to {@link Scratch#PAD} bytes past either range are read, and
   * overwritten with anything.
   */
  static void copy(long source, long target, int length) {
    putLong(target, getLong(source));
    putLong(target + 8, getLong(source + 8));
    putLong(target + 16, getLong(source + 16));
    putLong(target + 24, getLong(source + 24));
    putLong(target + 32, getLong(source + 32));
    putLong(target + 40, getLong(source + 40));
    if (length > FIRST) {
      copyRest(source + FIRST, target + FIRST, length - FIRST);
    }
  }

  private static void copyRest(long source, long target, int length) {
    if (length > BY_WORDS) {
      MemoryUtil.copyMemory(source, target, length);
      return;
    }
    for (long i = 0; i < length; i += 16) {
      putLong(target + i, getLong(source + i));
      putLong(target + i + 8, getLong(source + i + 8));
    }
  }
}
