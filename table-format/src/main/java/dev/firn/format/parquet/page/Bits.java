package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getByte;
import static org.apache.arrow.memory.util.MemoryUtil.getLong;
import static org.apache.arrow.memory.util.MemoryUtil.putByte;
import static org.apache.arrow.memory.util.MemoryUtil.putLong;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Bitmaps in native memory, least significant bit first. Targets keep their bits before the first
 * one written; those after the last one are unspecified within its byte. Sources are read up to 8
 * bytes past their last bit.
 */
final class Bits {
  private Bits() {}

  static void fill(long address, long bit, int count, boolean ones) {
    long target = address + (bit >>> 3);
    int head = (int) (bit & 7);
    if (count == 0) {
      return;
    }
    int value = ones ? 0xff : 0;
    if (head != 0) {
      int kept = (1 << head) - 1;
      putByte(target, (byte) (getByte(target) & kept | value & ~kept));
      if (count <= 8 - head) {
        return;
      }
      target++;
    }
    int rest = count - (head == 0 ? 0 : 8 - head);
    MemoryUtil.setMemory(target, (rest + 7) >>> 3, (byte) value);
  }

  /**
   * Copies {@code count} bits of {@code source}, from bit {@code sourceBit} on; returns how many
   * are 1.
   */
  static int copy(long source, long sourceBit, long address, long bit, int count) {
    long from = sourceBit;
    long target = address + (bit >>> 3);
    int left = count;
    int ones = 0;
    int head = (int) (bit & 7);
    if (head != 0 && left > 0) {
      int now = Math.min(left, 8 - head);
      int read = (int) (load(source, from) & ((1 << now) - 1));
      putByte(target, (byte) (getByte(target) & ((1 << head) - 1) | read << head));
      ones += Integer.bitCount(read);
      from += now;
      left -= now;
      target++;
    }
    return ones + copyAligned(source, from, target, left);
  }

  private static int copyAligned(long source, long sourceBit, long address, int count) {
    long from = source + (sourceBit >>> 3);
    int shift = (int) (sourceBit & 7);
    long target = address;
    int left = count;
    int ones = 0;
    for (; left >= 64; left -= 64, from += 8, target += 8) {
      long word = getLong(from) >>> shift;
      if (shift != 0) {
        word |= (long) getByte(from + 8) << (64 - shift);
      }
      putLong(target, word);
      ones += Long.bitCount(word);
    }
    for (; left > 0; left -= 8, from++, target++) {
      int read = (int) (getLong(from) >>> shift) & (left >= 8 ? 0xff : (1 << left) - 1);
      putByte(target, (byte) read);
      ones += Integer.bitCount(read);
    }
    return ones;
  }

  /** How many of {@code count} bits from {@code bit} on are 1. */
  static int count(long address, long bit, int count) {
    long at = bit;
    int left = count;
    int ones = 0;
    for (; left >= 56; left -= 56, at += 56) {
      ones += Long.bitCount(load(address, at) & ((1L << 56) - 1));
    }
    return ones + Long.bitCount(load(address, at) & ((1L << left) - 1));
  }

  // at least 57 bits are good
  private static long load(long source, long bit) {
    return getLong(source + (bit >>> 3)) >>> (bit & 7);
  }
}
