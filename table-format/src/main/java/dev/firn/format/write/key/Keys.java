package dev.firn.format.write.key;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * The sort keys of a batch's rows: byte strings whose unsigned order is the sort order's. Owns its
 * buffer. Confined to one thread.
 */
public final class Keys implements AutoCloseable {
  private final ArrowBuf bytes;
  private final long address;
  // Where each key starts; one more than there are rows.
  private final int[] starts;

  /** Takes over {@code bytes}, which has eight spare bytes at its end. */
  Keys(ArrowBuf bytes, int[] starts) {
    this.bytes = bytes;
    this.address = bytes.memoryAddress();
    this.starts = starts;
  }

  /**
   * Keys of {@code width} bytes each, one after the other from the start of {@code bytes}, which
   * has eight spare bytes behind them and is taken over.
   */
  public static Keys fixed(ArrowBuf bytes, int rows, int width) {
    int[] starts = new int[rows + 1];
    for (int i = 0; i <= rows; i++) {
      starts[i] = Math.multiplyExact(i, width);
    }
    return new Keys(bytes, starts);
  }

  /** The first eight bytes of a row's key as an unsigned number; shorter keys end in zeros. */
  public long prefix(int row) {
    int start = starts[row];
    int length = starts[row + 1] - start;
    // The buffer has eight spare bytes at its end.
    long word = Long.reverseBytes(MemoryUtil.getLong(address + start));
    return length >= 8 ? word : length == 0 ? 0 : word & (-1L << ((8 - length) * 8));
  }

  /** A hash of a row's key, well spread in all bits. */
  public long hash(int row) {
    int start = starts[row];
    int length = starts[row + 1] - start;
    long hash = length;
    for (int at = 0; at < length; at += 8) {
      // The buffer has eight spare bytes at its end.
      long word = MemoryUtil.getLong(address + start + at);
      int left = length - at;
      hash = mix(hash ^ (left >= 8 ? word : word & (-1L >>> ((8 - left) * 8))));
    }
    return hash;
  }

  private static long mix(long word) {
    long mixed = (word ^ (word >>> 32)) * 0xd6e8feb86659fd93L;
    return mixed ^ (mixed >>> 32);
  }

  /** Compares two rows' keys, of one or of two batches. */
  public int compare(int row, Keys other, int otherRow) {
    int start = starts[row];
    int otherStart = other.starts[otherRow];
    int length = starts[row + 1] - start;
    int otherLength = other.starts[otherRow + 1] - otherStart;
    int common = Math.min(length, otherLength);
    long a = address + start;
    long b = other.address + otherStart;
    int at = 0;
    for (; at + 8 <= common; at += 8) {
      long x = MemoryUtil.getLong(a + at);
      long y = MemoryUtil.getLong(b + at);
      if (x != y) {
        return Long.compareUnsigned(Long.reverseBytes(x), Long.reverseBytes(y));
      }
    }
    for (; at < common; at++) {
      int order = Byte.compareUnsigned(MemoryUtil.getByte(a + at), MemoryUtil.getByte(b + at));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(length, otherLength);
  }

  /** Bytes on the heap, beside the buffer. */
  public long heapBytes() {
    return 4L * starts.length;
  }

  @Override
  public void close() {
    bytes.close();
  }
}
