package dev.firn.scan;

import dev.firn.storage.RangeReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A file that is read into memory in one request, where a reader that seeks would send several: for
 * its footer's length, its footer, and each column. Immutable.
 */
record SmallInputFile(InputFile file, int length) implements InputFile {
  /** What one request brings in hardly more time than a few bytes. */
  private static final long MOST_BYTES = 4 << 20;

  /** Returns the file, of that length, in one piece unless it is large. */
  static InputFile of(InputFile file, long length) {
    return length <= MOST_BYTES ? new SmallInputFile(file, (int) length) : file;
  }

  @Override
  public long getLength() {
    return length;
  }

  @Override
  public SeekableInputStream newStream() {
    byte[] bytes = new byte[length];
    try (RangeReader reader = RangeReader.open(file)) {
      int count = reader.readTail(ByteBuffer.wrap(bytes));
      return new InMemoryInputFile(location(), Arrays.copyOf(bytes, count)).newStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public boolean exists() {
    return file.exists();
  }
}
