package dev.firn.format.merge;

import dev.firn.format.parquet.page.CorruptPageException;
import org.apache.arrow.memory.util.MemoryUtil;

/** Values encoded PLAIN, in native memory. Stateless. */
final class PlainEntries {
  private PlainEntries() {}

  /** Fails unless {@code count} values of {@code width}, 0 of any length, are in the bytes. */
  static void check(long from, long length, int count, int width) {
    if (width > 0) {
      if ((long) count * width > length) {
        throw cutOff(count, length);
      }
      return;
    }
    long at = 0;
    for (int i = 0; i < count; i++) {
      int value = length - at < Integer.BYTES ? -1 : MemoryUtil.getInt(from + at);
      at += Integer.BYTES;
      if (value < 0 || value > length - at) {
        throw cutOff(count, length);
      }
      at += value;
    }
  }

  /** Where each of {@code count} values of any length starts, its length before it, and the end. */
  static int[] starts(long from, int count) {
    int[] starts = new int[count + 1];
    for (int i = 0; i < count; i++) {
      starts[i + 1] = starts[i] + Integer.BYTES + MemoryUtil.getInt(from + starts[i]);
    }
    return starts;
  }

  private static CorruptPageException cutOff(int count, long length) {
    return new CorruptPageException(
        "%d values are not in the page's %d bytes".formatted(count, length));
  }
}
