package dev.firn.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A stream that reads ranges by itself, each as one request. Thread-safe, as its ranges are. Owns
 * the stream.
 */
final class PositionedRangeReader implements RangeReader {
  private final String location;
  private final long length;
  private final SeekableInputStream stream;
  private final RangeReadable ranges;

  PositionedRangeReader(String location, long length, SeekableInputStream stream) {
    this.location = location;
    this.length = length;
    this.stream = stream;
    this.ranges = (RangeReadable) stream;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    int count = target.remaining();
    check(location, length, position, count);
    if (target.hasArray()) {
      ranges.readFully(position, target.array(), target.arrayOffset() + target.position(), count);
      target.position(target.limit());
    } else {
      byte[] bytes = new byte[count];
      ranges.readFully(position, bytes, 0, count);
      target.put(bytes);
    }
  }

  /** Streams differ in what they do behind the end of the file. */
  static void check(String location, long length, long position, int count) throws EOFException {
    if (count > length - position) {
      throw new EOFException(
          "Cannot read file: it ends early, expected %d bytes from %d, got %d [%s]"
              .formatted(count, position, Math.max(0, length - position), location));
    }
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
