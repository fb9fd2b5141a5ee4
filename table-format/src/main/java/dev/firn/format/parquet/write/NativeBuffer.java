package dev.firn.format.parquet.write;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/**
 * Native memory that grows and is reused. {@link #PAD} bytes past the asked size may be read and
 * written, so that loops may load and store whole words. Owns its memory.
 */
public final class NativeBuffer implements AutoCloseable {
  public static final int PAD = 64;
  private static final long LEAST = 1024;

  private final BufferAllocator allocator;
  private @Nullable ArrowBuf buffer;

  public NativeBuffer(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Where the memory starts; 0 before the first {@link #ensure}. */
  public long address() {
    return buffer == null ? 0 : buffer.memoryAddress();
  }

  long capacity() {
    return buffer == null ? 0 : buffer.capacity();
  }

  /** Returns the address of at least {@code bytes} bytes, of which the first {@code kept} stay. */
  public long ensure(long bytes, long kept) {
    ArrowBuf old = buffer;
    if (old != null && old.capacity() >= bytes + PAD) {
      return old.memoryAddress();
    }
    if (old != null && kept == 0) {
      close();
    }
    // Where content is kept, growth must be by a factor, or a long series of steps copies its
    // square.
    long least = old != null && kept > 0 ? Math.max(LEAST, old.capacity() * 3 / 2) : LEAST;
    ArrowBuf grown = allocator.buffer(Math.max(bytes + PAD, least));
    if (old != null && kept > 0) {
      MemoryUtil.copyMemory(old.memoryAddress(), grown.memoryAddress(), kept);
      old.close();
    }
    buffer = grown;
    return grown.memoryAddress();
  }

  @Override
  public void close() {
    ArrowBuf old = buffer;
    buffer = null;
    if (old != null) {
      old.close();
    }
  }
}
