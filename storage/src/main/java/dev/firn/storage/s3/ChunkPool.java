package dev.firn.storage.s3;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Byte arrays of one size that went out of use, for whoever needs one next. Holds at most as many
 * bytes as it is told, and none while no writer is open. Thread-safe.
 */
final class ChunkPool {
  /** Small enough to be no humongous object, whatever the region size of the collector. */
  static final int CHUNK_BYTES = 256 * 1024;

  private final int limit;
  private final ConcurrentLinkedQueue<byte[]> free = new ConcurrentLinkedQueue<>();
  private final AtomicInteger freeCount = new AtomicInteger();
  private final AtomicInteger writers = new AtomicInteger();

  ChunkPool(long bytes) {
    limit = (int) Math.min(Integer.MAX_VALUE, bytes / CHUNK_BYTES);
  }

  /** A writer begins to take and return chunks. */
  void enter() {
    writers.incrementAndGet();
  }

  /** A writer is done. */
  void leave() {
    if (writers.decrementAndGet() == 0) {
      drain();
    }
  }

  byte[] take() {
    byte @Nullable [] chunk = free.poll();
    if (chunk == null) {
      return new byte[CHUNK_BYTES];
    }
    freeCount.decrementAndGet();
    return chunk;
  }

  /** Takes an array that nobody else uses any longer. One of another size is forgotten. */
  void give(byte[] chunk) {
    if (chunk.length != CHUNK_BYTES || freeCount.incrementAndGet() > limit) {
      if (chunk.length == CHUNK_BYTES) {
        freeCount.decrementAndGet();
      }
      return;
    }
    free.add(chunk);
    if (writers.get() == 0) {
      drain();
    }
  }

  /** How many bytes wait to be used again. */
  long freeBytes() {
    return (long) freeCount.get() * CHUNK_BYTES;
  }

  private void drain() {
    while (free.poll() != null) {
      freeCount.decrementAndGet();
    }
  }
}
