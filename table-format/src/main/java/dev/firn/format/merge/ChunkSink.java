package dev.firn.format.merge;

import dev.firn.format.parquet.write.FinishedChunk;
import dev.firn.format.parquet.write.PageFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * The bytes of one column chunk on their way to the file: kept until it is the column's turn, or
 * too much is, then written as they come. Confined to one thread at a time. Owns its memory.
 */
final class ChunkSink implements AutoCloseable {
  private static final int PIECE = 1 << 20;

  private final PageFile file;
  private final Turns turns;
  private final int column;
  private final BufferAllocator allocator;
  private final List<ArrowBuf> kept = new ArrayList<>();
  private long[] addresses = new long[64];
  private int[] lengths = new int[64];
  private int parts;
  private long free;
  private long start = -1;

  ChunkSink(PageFile file, Turns turns, int column, BufferAllocator allocator) {
    this.file = file;
    this.turns = turns;
    this.column = column;
    this.allocator = allocator;
  }

  /** Adds bytes that stay where they are until the chunk is written. */
  void borrow(long address, int length) {
    if (streams()) {
      file.write(address, length);
    } else {
      add(address, length);
    }
  }

  /** Adds a copy of the bytes. */
  void write(long address, int length) {
    if (streams()) {
      file.write(address, length);
    } else {
      long to = room(length);
      MemoryUtil.copyMemory(address, to, length);
      add(to, length);
    }
  }

  /** Adds a copy of the first {@code length} bytes. */
  void write(byte[] bytes, int length) {
    if (streams()) {
      file.write(bytes, length);
    } else {
      long to = room(length);
      MemoryUtil.copyToMemory(bytes, 0, to, length);
      add(to, length);
    }
  }

  private boolean streams() {
    if (start < 0 && (turns.is(column) || turns.isFull())) {
      turns.await(column);
      begin();
    }
    return start >= 0;
  }

  private void begin() {
    start = file.position();
    for (int i = 0; i < parts; i++) {
      file.write(addresses[i], lengths[i]);
    }
    close();
  }

  private long room(int length) {
    if (free < length) {
      ArrowBuf piece = allocator.buffer(Math.max(PIECE, length));
      kept.add(piece);
      free = piece.capacity();
      turns.keep(piece.capacity());
    }
    ArrowBuf last = kept.get(kept.size() - 1);
    long at = last.memoryAddress() + last.capacity() - free;
    free -= length;
    return at;
  }

  private void add(long address, int length) {
    if (parts == lengths.length) {
      addresses = Arrays.copyOf(addresses, 2 * parts);
      lengths = Arrays.copyOf(lengths, 2 * parts);
    }
    addresses[parts] = address;
    lengths[parts++] = length;
  }

  /** Ends the chunk: all of it is written when it returns, or when the columns before it are. */
  void finish(FinishedChunk chunk) {
    if (start < 0 && turns.leave(column, () -> write(chunk))) {
      return;
    }
    turns.await(column);
    write(chunk);
    turns.done(column);
  }

  private void write(FinishedChunk chunk) {
    if (start < 0) {
      begin();
    }
    file.endChunk(chunk, start);
  }

  @Override
  public void close() {
    for (ArrowBuf piece : kept) {
      turns.keep(-piece.capacity());
      piece.close();
    }
    kept.clear();
    parts = 0;
    free = 0;
  }
}
