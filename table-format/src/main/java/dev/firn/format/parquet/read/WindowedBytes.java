package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.ChunkBytes;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/**
 * A column chunk of a local file, read through a window that moves along: memory that stays in the
 * processor's cache, and is the same whatever the size of the row group. Confined to one thread at
 * a time. Owns the window.
 */
final class WindowedBytes implements ChunkBytes, AutoCloseable {
  private static final int WINDOW = 256 * 1024;

  /** Decoders may read, not use, as many bytes behind the end. */
  private static final int PADDING = 64;

  private final SourceFile file;
  private final BufferAllocator allocator;
  private long start;
  private long length;

  /** What the window holds: {@code [from, to)} of the chunk. */
  private long from;

  private long to;
  private int[] headerSums = new int[0];
  private @Nullable ArrowBuf window;

  WindowedBytes(SourceFile file, BufferAllocator allocator) {
    this.file = file;
    this.allocator = allocator;
  }

  /** Turns to another chunk. */
  void start(long position, long size, int[] sums) {
    start = position;
    headerSums = sums;
    length = size;
    from = 0;
    to = 0;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public long at(long first, long end) {
    ArrowBuf memory = window;
    if (memory == null || first < from || end > to) {
      memory = move(first, Math.max(end, Math.min(length, first + WINDOW)));
    }
    return memory.memoryAddress() + first - from;
  }

  private ArrowBuf move(long first, long end) {
    long held = first >= from && first < to ? to - first : 0;
    ArrowBuf memory = window;
    if (memory == null || memory.capacity() < end - first + PADDING) {
      memory = grown(end - first, first - from, held);
    } else if (held > 0) {
      long base = memory.memoryAddress();
      MemoryUtil.copyMemory(base + first - from, base, held);
    }
    from = first;
    to = first + held; // all that is held should the read fail
    file.read(start + to, end - to, memory, held);
    to = end;
    return memory;
  }

  private ArrowBuf grown(long size, long keptFrom, long kept) {
    ArrowBuf old = window;
    ArrowBuf memory = allocator.buffer(size + PADDING);
    if (old != null) {
      MemoryUtil.copyMemory(old.memoryAddress() + keptFrom, memory.memoryAddress(), kept);
      old.close();
    }
    window = memory;
    return memory;
  }

  @Override
  public int headerSum(int page) {
    return page >= 0 && page < headerSums.length ? headerSums[page] : 0;
  }

  @Override
  public long readableEnd() {
    ArrowBuf memory = window;
    return memory == null ? 0 : memory.memoryAddress() + memory.capacity();
  }

  @Override
  public void close() {
    ArrowBuf memory = window;
    window = null;
    from = 0;
    to = 0;
    if (memory != null) {
      memory.close();
    }
  }
}
