package dev.firn.format.write.spill;

import dev.firn.format.write.key.Keys;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** A batch of waiting rows, the partition of each, and their keys. Owns rows and keys. */
final class Chunk implements AutoCloseable {
  // A row's pick, and beside keys its prefix and the sort's copies of both.
  private static final int PICK_BYTES = 8;
  private static final int SORT_BYTES = 32;

  private final VectorSchemaRoot rows;
  private final int[] partitions;
  private final @Nullable Keys keys;
  private final int level;

  /** {@code level} counts how often the rows were joined. */
  Chunk(VectorSchemaRoot rows, int[] partitions, @Nullable Keys keys, int level) {
    this.rows = rows;
    this.partitions = partitions;
    this.keys = keys;
    this.level = level;
  }

  VectorSchemaRoot rows() {
    return rows;
  }

  int[] partitions() {
    return partitions;
  }

  @Nullable Keys keys() {
    return keys;
  }

  int level() {
    return level;
  }

  int size() {
    return partitions.length;
  }

  /** Bytes on the heap, now and while the rows are ordered. */
  long heapBytes() {
    Keys own = keys;
    long perRow = 4L + PICK_BYTES + (own == null ? 0 : SORT_BYTES);
    return perRow * partitions.length + (own == null ? 0 : own.heapBytes());
  }

  @Override
  public void close() {
    rows.close();
    Keys own = keys;
    if (own != null) {
      own.close();
    }
  }
}
