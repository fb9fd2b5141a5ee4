package dev.firn.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.iceberg.io.SeekableInputStream;

/** A stream that can only seek and read on, one range at a time. Thread-safe. Owns the stream. */
final class SeekingRangeReader implements RangeReader {
  private static final int COPY_BYTES = 256 * 1024;

  private final String location;
  private final long length;
  private final SeekableInputStream stream;
  private final byte[] copy = new byte[COPY_BYTES];

  SeekingRangeReader(String location, long length, SeekableInputStream stream) {
    this.location = location;
    this.length = length;
    this.stream = stream;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public synchronized void readFully(long position, ByteBuffer target) throws IOException {
    int wanted = target.remaining();
    PositionedRangeReader.check(location, length, position, wanted);
    stream.seek(position);
    while (target.hasRemaining()) {
      int count = stream.read(copy, 0, Math.min(copy.length, target.remaining()));
      if (count < 0) {
        throw new EOFException(
            "Cannot read file: it ends early, expected %d bytes from %d, got %d [%s]"
                .formatted(wanted, position, wanted - target.remaining(), location));
      }
      target.put(copy, 0, count);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    stream.close();
  }
}
