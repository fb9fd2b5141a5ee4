package dev.firn.format.parquet.page;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Offsets and bytes of variable-length values being gathered, in Arrow's layout: {@code slots + 1}
 * 32-bit offsets from 0, and data that grows. A builder. Owns its buffers until {@link #close()} or
 * {@code take*}.
 */
public final class VarBuffers implements AutoCloseable {
  public VarBuffers(BufferAllocator allocator) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Starts afresh, with room for {@code slots} values and about {@code bytes} bytes. */
  public void start(int slots, long bytes) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Values appended so far. */
  public int slots() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** The offsets buffer; the caller gets a reference of its own, to be released by it. */
  public ArrowBuf offsets() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** The data buffer; the caller gets a reference of its own, to be released by it. */
  public ArrowBuf data() {
    throw new UnsupportedOperationException("SKELETON");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("SKELETON");
  }
}
