package dev.firn.storage.memory;

import java.nio.ByteBuffer;

/** A whole file. Immutable. */
final class MemoryFile {
  private final byte[] bytes;
  private final long createdAtMillis;

  /** Takes the bytes over. */
  MemoryFile(byte[] bytes, long createdAtMillis) {
    this.bytes = bytes;
    this.createdAtMillis = createdAtMillis;
  }

  int length() {
    return bytes.length;
  }

  long createdAtMillis() {
    return createdAtMillis;
  }

  /** Copies bytes that are there from {@code position} into all of {@code target}. */
  void copy(int position, ByteBuffer target) {
    target.put(bytes, position, target.remaining());
  }
}
