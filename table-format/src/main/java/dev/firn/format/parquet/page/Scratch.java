package dev.firn.format.parquet.page;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/**
 * Native memory that grows and is reused. {@link #PAD} bytes past the asked size may be read and
 * written, so that loops may load and store whole words. Owns its memory.
 */
final class Scratch implements AutoCloseable {
  static final int PAD = 64;

  private final BufferAllocator allocator;
  private @Nullable ArrowBuf buffer;

  Scratch(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Returns the address of {@code bytes} bytes; what was there before is lost if it grows. */
  long ensure(long bytes) {
    return ensure(bytes, 0);
  }

  /** As {@link #ensure(long)}, the first {@code kept} bytes staying as they are. */
  long ensure(long bytes, long kept) {
    ArrowBuf old = buffer;
    if (old != null && old.capacity() >= bytes + PAD) {
      return old.memoryAddress();
    }
    if (old != null && kept == 0) {
      close();
    }
    ArrowBuf grown = allocator.buffer(bytes + PAD);
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
