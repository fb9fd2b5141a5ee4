package dev.firn.format.parquet.write;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.bytes.BytesInput;

/**
 * Compressed pages on the heap, one at a time: of native memory, parquet-java copies 8 KiB pieces.
 * Reused.
 */
final class PageCopy {
  private byte[] bytes = new byte[0];

  /** The bytes of a page, until the next page. */
  BytesInput of(long address, int length) {
    if (bytes.length < length) {
      bytes = new byte[length + length / 4];
    }
    MemoryUtil.copyFromMemory(address, bytes, 0, length);
    return BytesInput.from(bytes, 0, length);
  }

  /** Holds the page that was copied last, and more behind it. */
  byte[] bytes() {
    return bytes;
  }

  /** A part of the page that was copied last. */
  BytesInput part(int from, int end) {
    return from == end ? BytesInput.empty() : BytesInput.from(bytes, from, end - from);
  }
}
