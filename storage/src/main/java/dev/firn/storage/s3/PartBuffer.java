package dev.firn.storage.s3;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes on their way to becoming a {@link Part}. It starts small and grows by chunks, so that a
 * small file costs little. Confined to one thread. Owns its chunks until {@link #seal} or {@link
 * #release}.
 */
final class PartBuffer {
  private static final int FIRST_CHUNK = 16 * 1024;

  private final ChunkPool pool;
  private final long capacity;
  private final List<ByteBuffer> full = new ArrayList<>();
  private final List<byte[]> chunks = new ArrayList<>();
  private ByteBuffer current = ByteBuffer.allocate(0);
  private long size;
  private int nextChunk;

  private PartBuffer(ChunkPool pool, long capacity, int firstChunk) {
    this.pool = pool;
    this.capacity = capacity;
    this.nextChunk = firstChunk;
  }

  /** For a file that may be small. */
  static PartBuffer first(ChunkPool pool, long capacity) {
    return new PartBuffer(pool, capacity, FIRST_CHUNK);
  }

  /** For a file that has filled a part already. */
  static PartBuffer following(ChunkPool pool, long capacity) {
    return new PartBuffer(pool, capacity, ChunkPool.CHUNK_BYTES);
  }

  boolean isFull() {
    return size == capacity;
  }

  /** Takes as many of the bytes as there is room for, and tells how many those were. */
  int append(byte[] source, int offset, int length) {
    int taken = (int) Math.min(length, capacity - size);
    int done = 0;
    while (done < taken) {
      ByteBuffer chunk = chunk();
      int count = Math.min(taken - done, chunk.remaining());
      chunk.put(source, offset + done, count);
      done += count;
    }
    size += taken;
    return taken;
  }

  /** Takes one byte, for which there must be room. */
  void append(byte value) {
    chunk().put(value);
    size++;
  }

  /** The bytes so far, whose chunks are the part's from now on. */
  Part seal() {
    List<ByteBuffer> pieces = new ArrayList<>(full);
    pieces.add(current);
    pieces.forEach(ByteBuffer::flip);
    Part part = new Part(pieces, List.copyOf(chunks), pool);
    forget();
    return part;
  }

  /** Gives up the bytes. */
  void release() {
    seal().release();
  }

  private void forget() {
    full.clear();
    chunks.clear();
    current = ByteBuffer.allocate(0);
    size = 0;
  }

  private ByteBuffer chunk() {
    if (current.hasRemaining()) {
      return current;
    }
    full.add(current);
    byte[] chunk = nextChunk < ChunkPool.CHUNK_BYTES ? new byte[nextChunk] : pool.take();
    chunks.add(chunk);
    current = ByteBuffer.wrap(chunk);
    nextChunk = Math.min(nextChunk * 2, ChunkPool.CHUNK_BYTES);
    return current;
  }
}
