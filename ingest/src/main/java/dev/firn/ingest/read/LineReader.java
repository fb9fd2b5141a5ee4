package dev.firn.ingest.read;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * A cursor over the lines of a byte stream; the bytes are valid until the next call. Owns the
 * stream; confined to one thread.
 */
final class LineReader implements AutoCloseable {
  private final InputStream in;
  private byte[] buffer = new byte[1 << 16];
  private int start;
  private int end;
  private int filled;
  private long line;

  LineReader(InputStream in) {
    this.in = in;
  }

  /** Moves to the next line, of which the line end is not part; false at the end. */
  boolean next() throws IOException {
    start = line == 0 ? 0 : Math.min(end + 1, filled);
    int scan = start;
    while (true) {
      for (int i = scan; i < filled; i++) {
        if (buffer[i] == '\n') {
          end = i;
          line++;
          return true;
        }
      }
      scan = filled - start;
      if (!fill()) {
        end = filled;
        line++;
        return end > start;
      }
    }
  }

  /** Moves the unfinished line to the front and reads on behind it. */
  private boolean fill() throws IOException {
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, filled - start);
      filled -= start;
      start = 0;
    }
    if (filled == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.multiplyExact(buffer.length, 2));
    }
    int count = in.read(buffer, filled, buffer.length - filled);
    if (count <= 0) {
      return false;
    }
    filled += count;
    return true;
  }

  byte[] buffer() {
    return buffer;
  }

  int offset() {
    return start;
  }

  int length() {
    return end - start;
  }

  /** Returns the number of the current line, from 1. */
  long line() {
    return line;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
