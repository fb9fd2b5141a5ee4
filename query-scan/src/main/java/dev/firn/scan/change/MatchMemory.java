package dev.firn.scan.change;

import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What matching rows may take.
 *
 * @param allocator borrowed
 * @param bytes of rows that are held at once; the index of their keys comes on top, about 20 bytes
 *     of heap per row
 * @param directory where rows go that exceed it
 */
record MatchMemory(BufferAllocator allocator, long bytes, Path directory) {
  private static final long MOST_BYTES = 128L << 20;

  static MatchMemory of(BufferAllocator allocator) {
    return new MatchMemory(
        allocator,
        Math.max(1 << 20, Math.min(MOST_BYTES, allocator.getHeadroom() / 4)),
        Path.of(System.getProperty("java.io.tmpdir")));
  }
}
