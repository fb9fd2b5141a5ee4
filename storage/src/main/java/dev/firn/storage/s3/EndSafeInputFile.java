package dev.firn.storage.s3;

import java.io.IOException;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * An input file of Iceberg's {@code S3FileIO}, whose streams count the end of the file as a byte
 * read backwards: once there, their position is one short, and a seek to the last byte does nothing
 * and then reads the end again. The streams of this one keep the position themselves, and open anew
 * when they are moved away from the end.
 */
record EndSafeInputFile(InputFile file) implements InputFile {

  @Override
  public long getLength() {
    return file.getLength();
  }

  @Override
  public SeekableInputStream newStream() {
    return new Stream(file);
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public boolean exists() {
    return file.exists();
  }

  /** A cursor over the file. Confined to one thread, but for the ranges. */
  private static final class Stream extends SeekableInputStream implements RangeReadable {
    private final InputFile file;
    private SeekableInputStream bytes;
    private long position;
    private boolean ended;

    Stream(InputFile file) {
      this.file = file;
      this.bytes = file.newStream();
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void seek(long newPosition) throws IOException {
      if (ended) {
        bytes.close();
        bytes = file.newStream();
        ended = false;
      }
      bytes.seek(newPosition);
      position = newPosition;
    }

    @Override
    public int read() throws IOException {
      int value = bytes.read();
      advance(value < 0 ? -1 : 1);
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      int count = bytes.read(target, offset, length);
      advance(count);
      return count;
    }

    private void advance(int count) {
      if (count < 0) {
        ended = true;
      } else {
        position += count;
      }
    }

    @Override
    public void readFully(long from, byte[] target, int offset, int length) throws IOException {
      ranges().readFully(from, target, offset, length);
    }

    @Override
    public int readTail(byte[] target, int offset, int length) throws IOException {
      return ranges().readTail(target, offset, length);
    }

    private RangeReadable ranges() {
      return (RangeReadable) bytes;
    }

    @Override
    public void close() throws IOException {
      bytes.close();
    }
  }
}
