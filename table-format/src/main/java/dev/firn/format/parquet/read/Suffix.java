package dev.firn.format.parquet.read;

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
    try (ArrowBuf copy = bytes.getReferenceManager().getAllocator().buffer(target.length)) {
      file.read(position, target.length, copy, 0);
      copy.getBytes(0, target);
    }
  }

  /** The file with its end read from here. Borrows both. */
  RangeReader ranges() {
    return new RangeReader() {
      @Override
      public long length() {
        return file.length();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        if (holds(position) && target.remaining() <= file.length() - position) {
          bytes.getBytes(at(position), target);
        } else {
          file.readFully(position, target);
        }
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
