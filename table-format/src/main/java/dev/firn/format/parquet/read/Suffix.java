package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.checksum.FileSums;
import dev.firn.storage.RangeReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The end of the file, fetched in one request: the footer, and all of a small file. Owns its
 * memory.
 */
final class Suffix implements AutoCloseable {
  private static final long SIZE = 512 * 1024;

  private final SourceFile file;
  private final long start;
  private final ArrowBuf bytes;
  private FileSums sums = FileSums.NONE;

  private Suffix(SourceFile file, long start, ArrowBuf bytes) {
    this.file = file;
    this.start = start;
    this.bytes = bytes;
  }

  static Suffix fetch(SourceFile file, BufferAllocator allocator) {
    long size = Math.min(SIZE, file.length());
    ArrowBuf bytes = allocator.buffer(size);
    try {
      file.read(file.length() - size, size, bytes, 0);
      return new Suffix(file, file.length() - size, bytes);
    } catch (RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  /** Reads it all again, since it is not what was written. */
  void fetchAgain() {
    file.readAgain("the end", start, file.length() - start, bytes, 0);
  }

  /** What the parts of the file must sum up to, once the footer is read. */
  FileSums sums() {
    return sums;
  }

  void sums(FileSums read) {
    sums = read;
  }

  ArrowBuf bytes() {
    return bytes;
  }

  /** Where file position {@code position} is in {@link #bytes}. */
  long at(long position) {
    return position - start;
  }

  /** Whether everything from {@code position} on is here. */
  boolean holds(long position) {
    return position >= start;
  }

  /** Copies the file's bytes from {@code position}, reading those that are not here. */
  void copy(long position, byte[] target) {
    if (holds(position)) {
      bytes.getBytes(at(position), target);
      return;
    }
    copy(position, target.length).get(target);
  }

  /**
   * Checks what was read, if it is a whole part of the file or in one, and fills {@code read} anew
   * where it is not what was written.
   */
  void check(long position, ByteBuffer read) {
    if (sums.isPiece(position, read.remaining())) {
      agree(position, read);
    }
    for (int again = 0; !sums.matches(position, read); again++) {
      if (file.isLocal() || again == SourceFile.REREADS) {
        throw FirnException.corrupt(
            "Cannot read Parquet file: the checksum of the index, bloom filter or dictionary at offset %d does not match; restore the file [%s]"
                .formatted(position, file.location()),
            null);
      }
      read.duplicate().put(again(position, read.remaining()));
    }
  }

  /** What has no checksum of its own must come twice the same. */
  private void agree(long position, ByteBuffer read) {
    if (file.isLocal()) {
      return;
    }
    ByteBuffer second = copy(position, read.remaining());
    for (int again = 0; !second.equals(read) && again < SourceFile.REREADS; again++) {
      read.duplicate().put(second);
      second = again(position, read.remaining());
    }
  }

  private ByteBuffer copy(long position, int length) {
    byte[] target = new byte[length];
    try (ArrowBuf copy = bytes.getReferenceManager().getAllocator().buffer(length)) {
      file.read(position, length, copy, 0);
      copy.getBytes(0, target);
    }
    return ByteBuffer.wrap(target);
  }

  private ByteBuffer again(long position, int length) {
    file.countAgain("a part", position, length);
    return copy(position, length);
  }

  /** The file with its end read from here, and its parts checked. Borrows both. */
  RangeReader ranges() {
    return new RangeReader() {
      @Override
      public long length() {
        return file.length();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        ByteBuffer filled = target.slice();
        if (holds(position) && target.remaining() <= file.length() - position) {
          bytes.getBytes(at(position), target);
        } else {
          file.readFully(position, target);
        }
        check(position, filled);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {
    bytes.close();
  }
}
