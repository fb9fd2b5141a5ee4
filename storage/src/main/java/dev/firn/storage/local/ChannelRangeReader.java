package dev.firn.storage.local;

import dev.firn.storage.RangeReader;
import dev.firn.storage.StoreMeter;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** A local file: the kernel copies straight into a direct target. Thread-safe. Owns the channel. */
final class ChannelRangeReader implements RangeReader {
  /** The JDK keeps a direct buffer per thread as large as the largest read into a heap buffer. */
  private static final int LARGEST_HEAP_READ = 256 * 1024;

  private final String location;
  private final FileChannel channel;
  private final long length;
  private final StoreMeter meter;

  private ChannelRangeReader(String location, FileChannel channel, long length, StoreMeter meter) {
    this.location = location;
    this.channel = channel;
    this.length = length;
    this.meter = meter;
  }

  static ChannelRangeReader open(LocalInputFile file) {
    file.meter().add(StoreMeter.Event.READ);
    try {
      FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ);
      try {
        return new ChannelRangeReader(file.location(), channel, channel.size(), file.meter());
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw LocalFailure.translate("read", file.location(), e);
    }
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    int wanted = target.remaining();
    int end = target.limit();
    int largest = target.isDirect() ? wanted : Math.min(wanted, LARGEST_HEAP_READ);
    int done = 0;
    try {
      while (done < wanted) {
        target.limit(Math.min(end, target.position() + largest));
        int count = channel.read(target, position + done);
        if (count < 0) {
          throw new EOFException(
              "Cannot read file: it ends early, expected %d bytes from %d, got %d [%s]"
                  .formatted(wanted, position, done, location));
        }
        done += count;
      }
    } finally {
      target.limit(end);
      meter.add(StoreMeter.Event.BYTES_READ, done);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
