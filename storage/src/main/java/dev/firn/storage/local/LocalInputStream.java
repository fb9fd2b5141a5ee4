package dev.firn.storage.local;

import dev.firn.storage.StoreMeter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A cursor over a local file. Owns its channel. The stream methods are confined to one thread; the
 * positioned {@code readFully} and {@code readTail} may be called from any.
 */
final class LocalInputStream extends SeekableInputStream implements RangeReadable {
  /** The JDK keeps a direct buffer per thread as large as the largest read: so reads are cut. */
  private static final int LARGEST_READ = 256 * 1024;

  private static final int READ_AHEAD = 8 * 1024;

  private final String location;
  private final FileChannel channel;
  private final StoreMeter meter;
  private final ByteBuffer ahead = ByteBuffer.allocate(READ_AHEAD).limit(0);

  /** The file position that follows the read-ahead bytes. */
  private long next;

  LocalInputStream(String location, FileChannel channel, StoreMeter meter) {
    this.location = location;
    this.channel = channel;
    this.meter = meter;
  }

  @Override
  public long getPos() {
    return next - ahead.remaining();
  }

  @Override
  public void seek(long position) throws IOException {
    if (position < 0) {
      throw new EOFException(
          "Cannot seek to negative position " + position + " [" + location + "]");
    }
    long start = next - ahead.limit();
    if (position >= start && position <= next) {
      ahead.position((int) (position - start));
    } else {
      ahead.limit(0);
      next = position;
    }
  }

  @Override
  public int read() throws IOException {
    return ahead.hasRemaining() || fill() ? ahead.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (!ahead.hasRemaining() && length >= READ_AHEAD) {
      int count = readAt(next, slice(target, offset, length));
      if (count > 0) {
        next += count;
        ahead.limit(0);
      }
      return count;
    }
    if (!ahead.hasRemaining() && !fill()) {
      return -1;
    }
    int count = Math.min(length, ahead.remaining());
    ahead.get(target, offset, count);
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    long from = getPos();
    long to = Math.max(from, Math.min(channel.size(), from + Math.max(0, count)));
    seek(to);
    return to - from;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.max(0, Math.min(Integer.MAX_VALUE, channel.size() - getPos()));
  }

  @Override
  public void readFully(long position, byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    int done = 0;
    while (done < length) {
      int count = readAt(position + done, slice(target, offset + done, length - done));
      if (count < 0) {
        throw new EOFException(
            "Cannot read file: it ends early, expected %d bytes from %d, got %d [%s]"
                .formatted(length, position, done, location));
      }
      done += count;
    }
  }

  @Override
  public int readTail(byte[] target, int offset, int length) throws IOException {
    long size = channel.size();
    int count = (int) Math.min(length, size);
    readFully(size - count, target, offset, count);
    return count;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private boolean fill() throws IOException {
    ahead.clear();
    int count = 0;
    try {
      count = readAt(next, ahead);
    } finally {
      ahead.position(0).limit(Math.max(0, count));
    }
    next += Math.max(0, count);
    return count > 0;
  }

  private int readAt(long position, ByteBuffer target) throws IOException {
    int count = channel.read(target, position);
    meter.add(StoreMeter.Event.BYTES_READ, Math.max(0, count));
    return count;
  }

  private static ByteBuffer slice(byte[] target, int offset, int length) {
    return ByteBuffer.wrap(target, offset, Math.min(length, LARGEST_READ));
  }
}
