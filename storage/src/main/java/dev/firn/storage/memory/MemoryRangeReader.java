package dev.firn.storage.memory;

import dev.firn.storage.RangeReader;
import dev.firn.storage.StoreMeter;
import java.io.EOFException;
import java.nio.ByteBuffer;

/** Reads of a file in memory, as it was when they began. Thread-safe. Borrows the file. */
record MemoryRangeReader(String location, MemoryFile file, StoreMeter meter)
    implements RangeReader {
  @Override
  public long length() {
    return file.length();
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws EOFException {
    int count = target.remaining();
    if (count > file.length() - position) {
      throw new EOFException(
          "Cannot read file: it ends early, expected %d bytes from %d, got %d [%s]"
              .formatted(count, position, Math.max(0, file.length() - position), location));
    }
    file.copy((int) position, target);
    meter.add(StoreMeter.Event.BYTES_READ, count);
  }

  @Override
  public void close() {}
}
