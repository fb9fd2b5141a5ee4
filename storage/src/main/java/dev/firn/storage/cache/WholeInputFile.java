package dev.firn.storage.cache;

import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.iceberg.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A small file that is read whole and kept, unless it turns out to be too long. Immutable.
 *
 * @param knownLength its length where the caller knows it, else negative
 * @param most the longest file to keep
 */
record WholeInputFile(RangedInputFile file, MemoryCache cache, long knownLength, long most)
    implements RangedInputFile, CachedFile {
  @Override
  public String cacheKey() {
    return file.location();
  }

  @Override
  public SeekableInputStream newStream() {
    byte[] bytes = bytesUnchecked();
    return bytes == null ? file.newStream() : new BytesInputStream(file.location(), bytes);
  }

  @Override
  public RangeReader openRanges() {
    return new Ranges();
  }

  /** One request for all of it, where nobody knows the length: readers ask for the bytes next. */
  @Override
  public long getLength() {
    if (knownLength >= 0) {
      return knownLength;
    }
    byte[] bytes = bytesUnchecked();
    return bytes == null ? file.getLength() : bytes.length;
  }

  /** Asks the store: whoever asks wants to know it as of now. */
  @Override
  public boolean exists() {
    return file.exists();
  }

  @Override
  public String location() {
    return file.location();
  }

  @Override
  public String toString() {
    return file.location();
  }

  /** Returns null where the file is too long to be kept. */
  private byte @Nullable [] bytes() throws IOException {
    return cache.get(file.location(), WholeFile.class, this::read).bytes();
  }

  private WholeFile read() throws IOException {
    return knownLength >= 0 ? WholeFile.readExactly(file, knownLength) : WholeFile.read(file, most);
  }

  private byte @Nullable [] bytesUnchecked() {
    try {
      return bytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads when it is first asked to, with the errors of a read. */
  private final class Ranges implements RangeReader {
    private @Nullable RangeReader opened;

    private synchronized RangeReader opened() throws IOException {
      if (opened == null) {
        byte[] bytes = bytes();
        opened = bytes == null ? file.openRanges() : new BytesRangeReader(location(), bytes);
      }
      return opened;
    }

    @Override
    public long length() {
      return getLength();
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      opened().readFully(position, target);
    }

    @Override
    public int readTail(ByteBuffer target) throws IOException {
      return opened().readTail(target);
    }

    @Override
    public void distrust(long position, long length) {
      cache.forget(location());
      synchronized (this) {
        if (opened instanceof BytesRangeReader) {
          opened = null;
        }
      }
    }

    @Override
    public synchronized void close() throws IOException {
      if (opened != null) {
        opened.close();
      }
    }
  }
}
