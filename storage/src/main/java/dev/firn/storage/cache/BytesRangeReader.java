package dev.firn.storage.cache;

import dev.firn.storage.RangeReader;
import java.io.EOFException;
import java.nio.ByteBuffer;

/** Ranges of a file in memory. Thread-safe. Borrows the bytes. */
@SuppressWarnings("ArrayRecordComponent")
record BytesRangeReader(String location, byte[] bytes) implements RangeReader {
  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws EOFException {
    int count = target.remaining();
    if (count > bytes.length - position) {
      throw new EOFException(
          "Cannot read file: it ends early, expected %d bytes from %d, got %d [%s]"
              .formatted(count, position, Math.max(0, bytes.length - position), location));
    }
    target.put(bytes, Math.toIntExact(position), count);
  }

  @Override
  public void close() {}
}
