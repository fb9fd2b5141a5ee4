package dev.firn.format.parquet.write;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/** The compressed pages of one column chunk, back to back in a few buffers. Owns its memory. */
final class PageStore implements AutoCloseable {
  private static final long LEAST = 16 << 10;
  private static final long MOST = 1 << 20;

  private final BufferAllocator allocator;
  private final List<ArrowBuf> chunks = new ArrayList<>();
  private long free;
  private long bytes;

  PageStore(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** The bytes of all pages. */
  long bytes() {
    return bytes;
  }

  /** Keeps a copy of {@code length} bytes; returns where it is, until {@link #clear()}. */
  long add(long from, int length) {
    if (free < length || chunks.isEmpty()) {
      long size = Math.max(length, Math.min(MOST, Math.max(LEAST, bytes)));
      ArrowBuf chunk = allocator.buffer(size);
      chunks.add(chunk);
      free = chunk.capacity();
    }
    ArrowBuf last = chunks.get(chunks.size() - 1);
    long to = last.memoryAddress() + last.capacity() - free;
    MemoryUtil.copyMemory(from, to, length);
    free -= length;
    bytes += length;
    return to;
  }

  /** Forgets the pages. */
  void clear() {
    chunks.forEach(ArrowBuf::close);
    chunks.clear();
    free = 0;
    bytes = 0;
  }

  @Override
  public void close() {
    clear();
  }
}
