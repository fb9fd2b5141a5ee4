package dev.firn.storage.hadoop;

import dev.firn.storage.StoreMeter;
import java.io.EOFException;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A cursor over a Hadoop file. Owns its stream. The stream methods are confined to one thread; the
 * positioned {@code readFully} and {@code readTail} may be called from any.
 */
final class HadoopInputStream extends SeekableInputStream implements RangeReadable {
  private final HadoopInputFile file;
  private final FSDataInputStream stream;

  HadoopInputStream(HadoopInputFile file, FSDataInputStream stream) {
    this.file = file;
    this.stream = stream;
  }

  @Override
  public long getPos() throws IOException {
    return stream.getPos();
  }

  @Override
  public void seek(long position) throws IOException {
    stream.seek(position);
  }

  @Override
  public int read() throws IOException {
    int value = stream.read();
    count(value < 0 ? 0 : 1);
    return value;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = stream.read(target, offset, length);
    count(Math.max(0, count));
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    return stream.skip(count);
  }

  @Override
  public int available() throws IOException {
    return stream.available();
  }

  @Override
  public void readFully(long position, byte[] target, int offset, int length) throws IOException {
    try {
      stream.readFully(position, target, offset, length);
    } catch (EOFException e) {
      throw HadoopFailure.tooShort(file.location(), position, length, e);
    }
    count(length);
  }

  @Override
  public int readTail(byte[] target, int offset, int length) throws IOException {
    long size = file.getLength();
    int count = (int) Math.min(length, size);
    readFully(size - count, target, offset, count);
    return count;
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }

  private void count(int bytes) {
    file.meter().add(StoreMeter.Event.BYTES_READ, bytes);
  }
}
