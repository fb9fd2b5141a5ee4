package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getByte;
import static org.apache.arrow.memory.util.MemoryUtil.getLong;

import java.util.Arrays;

/**
 * Whole numbers as bit-packed differences: a cursor. Arithmetic wraps around at 64 bits, so that
 * the low 32 are right for 32-bit numbers. Memory up to {@link Scratch#PAD} past its end must be
 * readable.
 *
 * @see <a
 *     href="https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC">Encoding</a>
 */
final class DeltaNumbers {
  private final long end;
  private long position;
  private int miniblocks;
  private long miniblockValues;
  private long left;
  private long value;
  private boolean first = true;

  private int miniblock;
  private long widths;
  private long smallest;
  private int width;
  private long packed;
  private long index;
  private long packedLeft;

  /** Over {@code [from, to)}; no bytes are no numbers. */
  DeltaNumbers(long from, long to) {
    this.position = from;
    this.end = to;
    if (from == to) {
      return;
    }
    long blockValues = varint();
    long miniblocks = varint();
    boolean valid =
        blockValues > 0
            && blockValues <= Integer.MAX_VALUE
            && blockValues % 128 == 0
            && miniblocks > 0
            && miniblocks <= blockValues
            && blockValues % (miniblocks * 32) == 0;
    if (!valid) {
      throw new CorruptPageException(
          "deltas in blocks of %d values and %d miniblocks, expected multiples of 128 values, and of 32 in each miniblock"
              .formatted(blockValues, miniblocks));
    }
    this.miniblocks = (int) miniblocks;
    this.miniblockValues = blockValues / miniblocks;
    this.miniblock = this.miniblocks;
    this.left = varint();
    if (left < 0 || left > Integer.MAX_VALUE) {
      throw new CorruptPageException("%d deltas, expected less than 2^31".formatted(left));
    }
    this.value = zigzag();
  }

  /** Where those in {@code [from, to)} end: what follows is not theirs. */
  static long end(long from, long to) {
    DeltaNumbers numbers = new DeltaNumbers(from, to);
    numbers.left = Math.max(0, numbers.left - 1); // the first stands in the header
    while (numbers.left > 0) {
      numbers.nextMiniblock();
      numbers.left -= Math.min(numbers.left, numbers.packedLeft);
    }
    return numbers.position;
  }

  /** Numbers not yet read. */
  long left() {
    return left;
  }

  /** Reads {@code count} numbers. */
  void read(int count, long[] out) {
    if (count > left) {
      throw new CorruptPageException(
          "%d values are wanted, %d are left in the page".formatted(count, left));
    }
    int at = 0;
    if (first && count > 0) {
      out[at++] = value;
      first = false;
      left--;
    }
    while (at < count) {
      if (packedLeft == 0) {
        nextMiniblock();
      }
      int now = (int) Math.min(count - at, packedLeft);
      unpack(out, at, now);
      sum(out, at, now);
      index += now;
      packedLeft -= now;
      left -= now;
      at += now;
    }
  }

  private void sum(long[] out, int offset, int count) {
    long sum = value;
    long base = smallest;
    for (int i = offset; i < offset + count; i++) {
      sum += base + out[i];
      out[i] = sum;
    }
    value = sum;
  }

  private void unpack(long[] out, int offset, int count) {
    if (width == 0) {
      Arrays.fill(out, offset, offset + count, 0);
      return;
    }
    long mask = -1L >>> (64 - width);
    long bit = index * width;
    if (width <= 57) {
      for (int i = 0; i < count; i++, bit += width) {
        out[offset + i] = getLong(packed + (bit >>> 3)) >>> (bit & 7) & mask;
      }
      return;
    }
    for (int i = 0; i < count; i++, bit += width) {
      long from = packed + (bit >>> 3);
      int shift = (int) (bit & 7);
      // shifted twice, since by 64 is by nothing
      long high = (long) getByte(from + 8) << (63 - shift) << 1;
      out[offset + i] = (getLong(from) >>> shift | high) & mask;
    }
  }

  private void nextMiniblock() {
    if (miniblock == miniblocks) {
      nextBlock();
    }
    width = getByte(widths + miniblock) & 0xff;
    miniblock++;
    if (width > 64) {
      throw new CorruptPageException("deltas of %d bits, expected at most 64".formatted(width));
    }
    // the last may end with its last value
    long needed = (Math.min(miniblockValues, left) * width + 7) >>> 3;
    if (needed > end - position) {
      throw new CorruptPageException(
          "deltas take %d bytes, with %d left in the page".formatted(needed, end - position));
    }
    packed = position;
    index = 0;
    packedLeft = miniblockValues;
    position += Math.min(miniblockValues * width >>> 3, end - position);
  }

  private void nextBlock() {
    smallest = zigzag();
    if (miniblocks > end - position) {
      throw cutOff();
    }
    widths = position;
    position += miniblocks;
    miniblock = 0;
  }

  private long zigzag() {
    long raw = varint();
    return raw >>> 1 ^ -(raw & 1);
  }

  private long varint() {
    long read = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position >= end) {
        throw cutOff();
      }
      byte next = getByte(position++);
      read |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return read;
      }
    }
    throw new CorruptPageException("a number of more than 10 bytes");
  }

  private static CorruptPageException cutOff() {
    return new CorruptPageException("deltas are cut off: fewer values than expected");
  }
}
