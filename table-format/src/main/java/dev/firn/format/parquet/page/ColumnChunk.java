package dev.firn.format.parquet.page;

import dev.firn.error.FirnException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one column chunk in order: a cursor over bytes already fetched. Confined to one thread.
 * Borrows {@code bytes}, which must outlive it; owns its scratch memory, made from the allocator.
 */
public final class ColumnChunk implements AutoCloseable {
  /**
   * Opens a chunk whose pages are {@code bytes[offset, offset + length)}, the dictionary page first where
   * there is one, which is decoded at once.
   */
  public static ColumnChunk open(
      ChunkSpec spec, ArrowBuf bytes, long offset, long length, BufferAllocator allocator) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** The dictionary; null where the chunk has none. */
  public @Nullable Dictionary dictionary() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /**
   * Moves to the next data page and reads only its header: {@link #entries()} is known, nothing is
   * decompressed until {@link #definition()}, {@link #repetition()} or {@link #values()} is called. False at
   * the end, where the values seen must add up to the footer's.
   */
  public boolean nextPage() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /**
   * Moves to the data page whose header starts at {@code fileOffset} (of the offset index), leaving those
   * between unread; afterwards the count at the end is not checked.
   */
  public void seekPage(long fileOffset) {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Values of the current page, nulls among them. */
  public int entries() {
    throw new UnsupportedOperationException("SKELETON");
  }

  public Levels repetition() {
    throw new UnsupportedOperationException("SKELETON");
  }

  public Levels definition() {
    throw new UnsupportedOperationException("SKELETON");
  }

  public PageValues values() {
    throw new UnsupportedOperationException("SKELETON");
  }

  /** Names file, row group, column, page and offset: what to throw for a fault in the current page. */
  public FirnException corrupt(RuntimeException fault) {
    throw new UnsupportedOperationException("SKELETON");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("SKELETON");
  }
}
