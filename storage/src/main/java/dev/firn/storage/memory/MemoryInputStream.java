package dev.firn.storage.memory;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A cursor over a file in memory. The stream methods are confined to one thread; the positioned
 * {@code readFully} and {@code readTail} may be called from any.
 */
final class MemoryInputStream extends SeekableInputStream implements RangeReadable {
  private final MemoryRangeReader file;
  private long position;

  MemoryInputStream(MemoryRangeReader file) {
    this.file = file;
  }

  @Override
  public long getPos() {
    return position;
  }

  @Override
  public void seek(long newPosition) throws EOFException {
    if (newPosition < 0) {
      throw new EOFException(
          "Cannot seek to negative position " + newPosition + " [" + file.location() + "]");
    }
    position = newPosition;
  }

  @Override
  public int read() throws EOFException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws EOFException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    int count = Math.min(length, available());
    if (count == 0) {
      return -1;
    }
    readFully(position, target, offset, count);
    position += count;
    return count;
  }

  @Override
  public long skip(long count) {
    long skipped = Math.max(0, Math.min(count, available()));
    position += skipped;
    return skipped;
  }

  @Override
  public int available() {
    return (int) Math.max(0, file.length() - position);
  }

  @Override
  public void readFully(long from, byte[] target, int offset, int length) throws EOFException {
    file.readFully(from, ByteBuffer.wrap(target, offset, length));
  }

  @Override
  public int readTail(byte[] target, int offset, int length) throws EOFException {
    int count = (int) Math.min(length, file.length());
    readFully(file.length() - count, target, offset, count);
    return count;
  }
}
