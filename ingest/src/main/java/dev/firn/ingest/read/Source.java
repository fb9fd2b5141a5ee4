package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * One input file that can be read any number of times. Immutable.
 *
 * @param name what the user calls it; {@code stdin} for standard input
 * @param path where its bytes are
 * @param size in bytes, compressed if it is
 * @param gzip whether it is compressed as a whole
 * @param format its format
 */
public record Source(String name, Path path, long size, boolean gzip, InputFormat format) {
  private static final int BUFFER = 1 << 16;

  /** Opens the uncompressed bytes; {@code monitor} learns how many bytes of the file were read. */
  InputStream open(ReadMonitor monitor) {
    try {
      InputStream file = new Counted(Files.newInputStream(path), monitor);
      InputStream buffered = new BufferedInputStream(file, BUFFER);
      return gzip ? new GZIPInputStream(buffered, BUFFER) : buffered;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Returns the error for a read that failed. */
  FirnException failed(IOException e) {
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    if (gzip && (e instanceof java.io.EOFException || e instanceof java.util.zip.ZipException)) {
      return FirnException.corrupt(
          "Cannot read %s: its gzip compression is damaged or cut short (%s)"
              .formatted(name, reason),
          e);
    }
    return FirnException.unavailable("Cannot read %s: %s".formatted(name, reason), e);
  }

  private static final class Counted extends FilterInputStream {
    private final ReadMonitor monitor;

    Counted(InputStream in, ReadMonitor monitor) {
      super(in);
      this.monitor = monitor;
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      if (one >= 0) {
        monitor.bytes(1);
      }
      return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      if (count > 0) {
        monitor.bytes(count);
      }
      return count;
    }
  }
}
