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
}
