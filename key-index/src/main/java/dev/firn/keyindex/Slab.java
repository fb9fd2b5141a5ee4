package dev.firn.keyindex;

import java.nio.ByteBuffer;

/**
 * The packed entries of a run whose hashes begin alike, sorted. Immutable.
 *
 * <p>The bytes, little-endian: the entries; {@link #PAD} zeros, so that whole words can be read of
 * the last one; for each bucket, and for the end, the number of its first entry in four bytes.
 */
final class Slab {
  static final int PAD = 16;
  private static final int FEW = 24;

  private final RunShape shape;
  private final ByteBuffer bytes;
  private final int entries;
  private final int table;
  private final int width;
  private final int restBits;
  private final long restMask;
  private final long rowMask;

  Slab(RunShape shape, ByteBuffer bytes, int entries) {
    this.shape = shape;
    this.bytes = bytes;
    this.entries = entries;
    this.width = shape.width();
    this.restBits = shape.restBits();
    this.restMask = shape.restMask();
    this.rowMask = (1L << shape.rowBits()) - 1;
    this.table = entries * width + PAD;
  }

  int entries() {
    return entries;
  }

  ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /** The number of the first entry of a bucket, which is the end of the one before. */
  int start(int bucket) {
    return bytes.getInt(table + 4 * bucket);
  }

  long rest(int entry) {
    return bytes.getLong(entry * width) & restMask;
  }

  long row(int entry) {
    int at = entry * width;
    if (restBits == Long.SIZE) {
      return shape.firstRow() + (bytes.getLong(at + 8) & rowMask);
    }
    long row = bytes.getLong(at) >>> restBits;
    if (width > 8) {
      row |= bytes.getLong(at + 8) << (Long.SIZE - restBits);
    }
    return shape.firstRow() + (row & rowMask);
  }

  /** Appends {@code key} and the row of each entry of {@code hash}. */
  void find(long hash, long key, Pairs rowsAndKeys) {
    int bucket = shape.bucket(hash);
    int from = start(bucket);
    int to = start(bucket + 1);
    long rest = hash & restMask;
    if (to - from > FEW) {
      from = lowerBound(from, to, rest);
    }
    for (int i = from; i < to; i++) {
      long found = rest(i);
      if (found == rest) {
        rowsAndKeys.add(row(i), key);
      } else if (Long.compareUnsigned(found, rest) > 0) {
        return;
      }
    }
  }

  private int lowerBound(int from, int to, long rest) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(rest(middle), rest) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
