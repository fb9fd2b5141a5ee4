package dev.firn.storage;

import java.nio.ByteBuffer;

/**
 * Bytes of a file to be read: {@code target.remaining()} of them from {@code position}. Borrows the
 * target, which may be direct or on the heap.
 */
public record ByteRange(long position, ByteBuffer target) {
  public ByteRange {
    if (position < 0) {
      throw new IllegalArgumentException(
          "Cannot read range: expected a position from 0, got " + position);
    }
  }

  /** The first position behind the range. */
  public long end() {
    return position + target.remaining();
  }
}
