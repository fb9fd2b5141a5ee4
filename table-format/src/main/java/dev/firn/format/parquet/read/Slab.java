package dev.firn.format.parquet.read;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/**
 * Memory for one buffer of a vector, used again for the next batch unless somebody else holds it.
 * Between batches only the vector holds it, so that whoever transfers the vector away has it. Owns
 * what it holds.
 */
final class Slab implements AutoCloseable {
  /** Loops may write whole words past the end. */
  private static final int PADDING = 64;

  private final BufferAllocator allocator;
  private @Nullable ArrowBuf buffer;

  Slab(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Takes back what a vector, about to be cleared, holds. */
  void recycle(ArrowBuf used) {
    close();
    if (used.capacity() > 0 && used.refCnt() == 1) {
      used.getReferenceManager().retain();
      buffer = used;
    }
  }

  /** Makes room for {@code bytes} bytes, of which the {@code kept} first stay. */
  ArrowBuf ensure(long bytes, long kept) {
    ArrowBuf old = buffer;
    if (old != null && old.capacity() >= bytes + PADDING) {
      return old;
    }
    long wanted = kept == 0 ? bytes : Math.max(bytes, bytes + (bytes >>> 1));
    if (old != null && kept == 0) {
      close(); // first, so that both never count against the limit together
    }
    ArrowBuf fresh = allocator.buffer(wanted + PADDING);
    if (old != null && kept > 0) {
      MemoryUtil.copyMemory(old.memoryAddress(), fresh.memoryAddress(), kept);
      close();
    }
    buffer = fresh;
    return fresh;
  }

  /** Whether memory is here to be used again. */
  boolean isHeld() {
    return buffer != null;
  }

  ArrowBuf buffer() {
    return ensure(0, 0);
  }

  @Override
  public void close() {
    ArrowBuf held = buffer;
    buffer = null;
    if (held != null) {
      held.close();
    }
  }
}
