package dev.firn.storage.cache;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/** A stream over a file in memory. Confined to one thread but for its ranges. Borrows the bytes. */
final class BytesInputStream extends SeekableInputStream implements RangeReadable {
  private final BytesRangeReader ranges;
  private final byte[] bytes;
  private int position;

  BytesInputStream(String location, byte[] bytes) {
    this.ranges = new BytesRangeReader(location, bytes);
    this.bytes = bytes;
  }

  @Override
  public long getPos() {
    return position;
  }

  @Override
  public void seek(long newPosition) throws IOException {
    if (newPosition < 0 || newPosition > bytes.length) {
      throw new EOFException(
          "Cannot seek: expected a position in a file of %d bytes, got %d [%s]"
              .formatted(bytes.length, newPosition, ranges.location()));
    }
    position = (int) newPosition;
  }

  @Override
  public int read() {
    return position < bytes.length ? bytes[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length > 0 && position == bytes.length) {
      return -1;
    }
    int count = Math.min(length, bytes.length - position);
    System.arraycopy(bytes, position, target, offset, count);
    position += count;
    return count;
  }

  @Override
  public int available() {
    return bytes.length - position;
  }

  @Override
  public long skip(long count) {
    int skipped = (int) Math.max(0, Math.min(count, available()));
    position += skipped;
    return skipped;
  }

  @Override
  public void readFully(long from, byte[] target, int offset, int length) throws IOException {
    ranges.readFully(from, ByteBuffer.wrap(target, offset, length));
  }

  @Override
  public int readTail(byte[] target, int offset, int length) throws IOException {
    return ranges.readTail(ByteBuffer.wrap(target, offset, length));
  }
}
