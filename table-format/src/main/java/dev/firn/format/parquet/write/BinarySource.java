package dev.firn.format.parquet.write;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * The buffers of a vector of byte strings: addresses of its 4-byte offsets and its data, and the
 * end of the readable data.
 */
record BinarySource(long offsets, long data, long end) {
  /** Where the value of a slot starts in the data, and the one before it ends. */
  int start(int slot) {
    return MemoryUtil.getInt(offsets + 4L * slot);
  }

  /** The bytes that the values of a run take PLAIN, each with its length. */
  long bytes(Run run) {
    int[] slots = run.slots();
    int n = run.count();
    if (slots == null) {
      return 4L * n + start(run.first() + n) - start(run.first());
    }
    long bytes = 4L * n;
    for (int i = 0; i < n; i++) {
      bytes += start(slots[i] + 1) - start(slots[i]);
    }
    return bytes;
  }
}
