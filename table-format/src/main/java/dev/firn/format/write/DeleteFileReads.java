package dev.firn.format.write;

import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import java.io.IOException;
import java.util.function.Supplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.util.ContentFileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How delete files are read through Iceberg's readers from stores that do not check what is read by
 * range. Deletion vectors carry a checksum that Iceberg's reader looks at; what does not match, or
 * does not decode, is read again. Other delete files are read by their stream alone, of which
 * stores verify small files whole. Stateless.
 */
public final class DeleteFileReads {
  private static final Logger LOG = LoggerFactory.getLogger(DeleteFileReads.class);
  private static final int REREADS = 4;

  private DeleteFileReads() {}

  /** Returns the file to give to Iceberg's reader. */
  public static InputFile open(FileIO io, DeleteFile file) {
    InputFile input = io.newInputFile(file);
    return ContentFileUtil.isDV(file) ? input : new Streamed(input);
  }

  /**
   * Returns what {@code load} reads of {@code files}, which are read again where it fails, from the
   * store and no cache, unless they are local or missing.
   */
  public static <T> T load(FileIO io, Iterable<DeleteFile> files, Supplier<T> load) {
    for (int again = 0; ; again++) {
      try {
        return load.get();
      } catch (NotFoundException e) {
        throw e;
      } catch (RuntimeException e) {
        if (again == REREADS || !isRemote(files)) {
          throw e;
        }
        LOG.warn("Reading delete files again: {} [{}]", e.getMessage(), first(files));
        files.forEach(file -> distrust(io.newInputFile(file)));
      }
    }
  }

  private static void distrust(InputFile file) {
    if (file instanceof RangedInputFile ranged) {
      try (RangeReader ranges = ranged.openRanges()) {
        ranges.distrust(0, ranges.length());
      } catch (IOException e) {
        LOG.debug("Cannot close {}", file.location(), e);
      }
    }
  }

  private static boolean isRemote(Iterable<DeleteFile> files) {
    for (DeleteFile file : files) {
      if (file.location().contains("://") && !file.location().startsWith("file:")) {
        return true;
      }
    }
    return false;
  }

  private static String first(Iterable<DeleteFile> files) {
    return files.iterator().next().location();
  }

  /** A file whose stream offers no ranges. */
  private record Streamed(InputFile file) implements InputFile {
    @Override
    public long getLength() {
      return file.getLength();
    }

    @Override
    public SeekableInputStream newStream() {
      return new Stream(file.newStream());
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

  /** Confined to one thread. Owns the stream. */
  private static final class Stream extends SeekableInputStream {
    private final SeekableInputStream stream;

    Stream(SeekableInputStream stream) {
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
      return stream.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      return stream.read(target, offset, length);
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
    public void close() throws IOException {
      stream.close();
    }
  }
}
