package dev.firn.format.parquet.page;

import dev.firn.error.FirnException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/**
 * Offsets and bytes of variable-length values being gathered, in Arrow's layout: {@code slots + 1}
 * 32-bit offsets from 0, and data that grows. A builder. Owns its buffers until {@link #close()} or
 * the next {@link #start}; who took them holds references of its own, which outlive both.
 *
 * <p>More than 2^31 - 1 bytes are {@code INVALID}.
 */
public final class VarBuffers implements AutoCloseable {
  private static final long MAX_BYTES = Integer.MAX_VALUE;

  private final BufferAllocator allocator;
  private @Nullable ArrowBuf offsets;
  private @Nullable ArrowBuf data;
  private boolean shared;
  private int slots;
  private int bytes;

  public VarBuffers(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Starts afresh, with room for {@code slots} values and about {@code bytes} bytes. */
  public void start(int slots, long bytes) {
    if (shared) {
      close(); // others may hold the memory through an allocator of their own, where no count of
      // ours tells
    }
    this.slots = 0;
    this.bytes = 0;
    reserve(slots, Math.min(bytes, MAX_BYTES));
    MemoryUtil.putInt(offsetAddress(), 0);
  }

  /** Values appended so far. */
  public int slots() {
    return slots;
  }

  /** The offsets buffer; the caller gets a reference of its own, to be released by it. */
  public ArrowBuf offsets() {
    return share(started(offsets), (slots + 1L) * Integer.BYTES);
  }

  /** The data buffer; the caller gets a reference of its own, to be released by it. */
  public ArrowBuf data() {
    return share(started(data), bytes);
  }

  private ArrowBuf share(ArrowBuf buffer, long length) {
    shared = true;
    buffer.writerIndex(length);
    buffer.getReferenceManager().retain();
    return buffer;
  }

  /** Bytes appended so far. */
  int bytes() {
    return bytes;
  }

  /** Where value {@code slot} starts. */
  int offset(int slot) {
    return MemoryUtil.getInt(offsetAddress() + (long) slot * Integer.BYTES);
  }

  /** Makes room for that many more; invalidates addresses. */
  void reserve(int moreSlots, long moreBytes) {
    offsets = grown(offsets, slots + 1L, moreSlots, Integer.BYTES);
    if (bytes + moreBytes > MAX_BYTES) {
      throw FirnException.invalid(
          "Cannot gather values of variable length: a batch holds at most %d bytes of a column, got %d; lower the batch rows"
              .formatted(MAX_BYTES, bytes + moreBytes));
    }
    data = grown(data, bytes, moreBytes, 1);
  }

  /**
   * Bytes that may be appended without {@link #reserve}; {@link Scratch#PAD} more may be written.
   */
  long room() {
    return Math.min(started(data).capacity() - Scratch.PAD, MAX_BYTES) - bytes;
  }

  /** Where the first value's end offset goes, behind those of the values appended so far. */
  long nextOffsetAddress() {
    return offsetAddress() + (slots + 1L) * Integer.BYTES;
  }

  /** Where the data starts; its end is {@link #bytes()} further. */
  long dataAddress() {
    return started(data).memoryAddress();
  }

  /** Says that values were appended, their offsets written, the last of them {@code end}. */
  void appended(int count, int end) {
    slots += count;
    bytes = end;
  }

  private long offsetAddress() {
    return started(offsets).memoryAddress();
  }

  /** Appends one value; {@link Scratch#PAD} bytes behind it are read. */
  void append(long source, int length) {
    reserve(1, length);
    int end = bytes + length;
    PaddedCopy.copy(source, dataAddress() + bytes, length);
    MemoryUtil.putInt(nextOffsetAddress(), end);
    appended(1, end);
  }

  /** Appends {@code count} values of no bytes. */
  void appendEmpty(int count) {
    reserve(count, 0);
    long slot = nextOffsetAddress();
    for (int i = 0; i < count; i++) {
      MemoryUtil.putInt(slot + (long) i * Integer.BYTES, bytes);
    }
    appended(count, bytes);
  }

  private ArrowBuf grown(@Nullable ArrowBuf old, long used, long more, int width) {
    long needed = (used + more) * width + Scratch.PAD;
    if (old != null && old.capacity() >= needed) {
      return old;
    }
    long doubled = old == null ? 0 : 2 * old.capacity();
    long limit = MAX_BYTES * width + Scratch.PAD;
    ArrowBuf grown = allocator.buffer(Math.max(needed, Math.min(doubled, limit)));
    if (old != null) {
      MemoryUtil.copyMemory(old.memoryAddress(), grown.memoryAddress(), used * width);
      old.close();
    }
    return grown;
  }

  private static ArrowBuf started(@Nullable ArrowBuf buffer) {
    if (buffer == null) {
      throw new IllegalStateException("Not started, or closed");
    }
    return buffer;
  }

  @Override
  public void close() {
    release(offsets);
    offsets = null;
    release(data);
    data = null;
    shared = false;
  }

  private static void release(@Nullable ArrowBuf buffer) {
    if (buffer != null) {
      buffer.close();
    }
  }
}
