package dev.firn.storage.s3;

import dev.firn.storage.ByteRange;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.io.RangeReadable;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * A cursor over an object, confined to one thread but for the ranges. Holds no connection: what is
 * ahead is in memory.
 *
 * <p>How it works: the first read from the start of a file that may be small takes all of it in one
 * request, and has it verified. Of another file it takes ranges, the first of 64 KiB, each next one
 * twice as long while they follow each other. Moving costs nothing until a read, and nothing at all
 * within what is in memory.
 */
final class S3InputStream extends SeekableInputStream implements RangeReadable {
  /** In bytes: a file up to this is read whole, as the longest manifest that a cache keeps. */
  static final int SMALL_FILE = 16 * 1024 * 1024;

  private static final int FIRST_AHEAD = 64 * 1024;
  private static final int LARGEST_AHEAD = 8 * 1024 * 1024;
  private static final byte[] NOTHING = new byte[0];

  private final S3Reads object;
  private long length;
  private long position;
  private byte[] window = NOTHING;
  private long windowStart;
  private int ahead = FIRST_AHEAD;
  private boolean closed;

  S3InputStream(S3Reads object, long knownLength) {
    this.object = object;
    this.length = knownLength;
  }

  @Override
  public long getPos() {
    return position;
  }

  @Override
  public void seek(long newPosition) throws IOException {
    requireOpen();
    if (newPosition < 0) {
      throw new EOFException(
          "Cannot seek to negative position " + newPosition + " [" + object.file() + "]");
    }
    position = newPosition;
  }

  @Override
  public int read() throws IOException {
    return fill() ? window[(int) (position++ - windowStart)] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, target.length);
    if (count == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int from = (int) (position - windowStart);
    int taken = Math.min(count, window.length - from);
    System.arraycopy(window, from, target, offset, taken);
    position += taken;
    return taken;
  }

  @Override
  public long skip(long count) throws IOException {
    requireOpen();
    if (count <= 0 || !fill()) {
      return 0;
    }
    long skipped = Math.min(count, Math.max(0, length - position));
    position += skipped;
    return skipped;
  }

  @Override
  public int available() throws IOException {
    requireOpen();
    return position < windowStart ? 0 : (int) Math.max(0, windowEnd() - position);
  }

  @Override
  public void readFully(long from, byte[] target, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, target.length);
    if (count > 0) {
      object.read(List.of(new ByteRange(from, ByteBuffer.wrap(target, offset, count))));
    }
  }

  @Override
  public int readTail(byte[] target, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, target.length);
    if (count == 0) {
      return 0;
    }
    return (int) Math.min(count, object.readTail(ByteBuffer.wrap(target, offset, count)));
  }

  @Override
  public void close() {
    closed = true;
    window = NOTHING;
  }

  /** Has the byte at the position in the window; false at the end of the file. */
  private boolean fill() throws IOException {
    requireOpen();
    if (position >= windowStart && position < windowEnd()) {
      return true;
    }
    boolean unknown = length == S3InputFile.UNKNOWN_LENGTH;
    if (!unknown && position >= length) {
      return false;
    }
    if (window.length == 0 && (unknown ? position == 0 : length <= SMALL_FILE)) {
      readBeginning();
    } else {
      readAhead();
    }
    return position < windowEnd();
  }

  private void readBeginning() throws IOException {
    S3Reads.Piece beginning = object.readBeginning(SMALL_FILE);
    length = beginning.total();
    window = beginning.bytes().array();
    windowStart = 0;
  }

  private void readAhead() throws IOException {
    boolean goesOn = window.length > 0 && position == windowEnd();
    ahead = goesOn ? Math.min(LARGEST_AHEAD, ahead * 2) : FIRST_AHEAD;
    S3Reads.Piece next = object.readFrom(position, ahead);
    length = next.total();
    window = next.bytes().array();
    windowStart = position;
  }

  private long windowEnd() {
    return windowStart + window.length;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("Cannot read file: its stream is closed [" + object.file() + "]");
    }
  }
}
