package dev.firn.scan;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.function.Supplier;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A file whose reads fail with {@link StoreReadException} where it is the store that fails.
 * Iceberg's readers throw an {@code IOException} for a damaged file too, so its type alone does not
 * tell. The end of a file and its absence stay what they are: the store answered.
 */
record StoreInputFile(InputFile file) implements InputFile {

  @Override
  public long getLength() {
    return unchecked(file::getLength);
  }

  @Override
  public SeekableInputStream newStream() {
    SeekableInputStream stream = unchecked(file::newStream);
    return stream instanceof RangeReadable ranges
        ? new RangeStream(stream, ranges)
        : new Stream(stream);
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public boolean exists() {
    return unchecked(file::exists);
  }

  private static <T> T unchecked(Supplier<T> call) {
    try {
      return call.get();
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause();
      throw cause == null ? e : new UncheckedIOException(failed(cause));
    }
  }

  private static IOException failed(IOException e) {
    boolean answered =
        e instanceof EOFException
            || e instanceof FileNotFoundException
            || e instanceof NoSuchFileException;
    return answered ? e : new StoreReadException(e);
  }

  /** A cursor over the file. Confined to one thread. Owns the stream. */
  private static class Stream extends SeekableInputStream {
    private final SeekableInputStream stream;

    Stream(SeekableInputStream stream) {
      this.stream = stream;
    }

    @Override
    public long getPos() throws IOException {
      try {
        return stream.getPos();
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public void seek(long position) throws IOException {
      try {
        stream.seek(position);
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public int read() throws IOException {
      try {
        return stream.read();
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return stream.read(target, offset, length);
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public long skip(long count) throws IOException {
      try {
        return stream.skip(count);
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public int available() throws IOException {
      return stream.available();
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }

  private static final class RangeStream extends Stream implements RangeReadable {
    private final RangeReadable ranges;

    RangeStream(SeekableInputStream stream, RangeReadable ranges) {
      super(stream);
      this.ranges = ranges;
    }

    @Override
    public void readFully(long position, byte[] target, int offset, int length) throws IOException {
      try {
        ranges.readFully(position, target, offset, length);
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public int readTail(byte[] target, int offset, int length) throws IOException {
      try {
        return ranges.readTail(target, offset, length);
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }
}
