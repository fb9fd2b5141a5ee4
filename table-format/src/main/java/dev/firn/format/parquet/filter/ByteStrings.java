package dev.firn.format.parquet.filter;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.arrow.memory.util.MemoryUtil;

/** Byte strings in native memory against some on the heap: order without sign, equality, hashes. */
final class ByteStrings {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private ByteStrings() {}

  /** Orders as their bytes without sign do, a prefix first. Both ranges must be readable. */
  static int compare(long address, int length, byte[] other) {
    int common = Math.min(length, other.length);
    int at = 0;
    for (; at + 8 <= common; at += 8) {
      long left = MemoryUtil.getLong(address + at);
      long right = (long) LONGS.get(other, at);
      if (left != right) {
        return Long.compareUnsigned(Long.reverseBytes(left), Long.reverseBytes(right));
      }
    }
    for (; at < common; at++) {
      int difference = (MemoryUtil.getByte(address + at) & 0xFF) - (other[at] & 0xFF);
      if (difference != 0) {
        return difference;
      }
    }
    return length - other.length;
  }

  static boolean equal(long address, int length, byte[] other) {
    return length == other.length && startsWith(address, length, other);
  }

  static boolean startsWith(long address, int length, byte[] prefix) {
    if (length < prefix.length) {
      return false;
    }
    int at = 0;
    for (; at + 8 <= prefix.length; at += 8) {
      if (MemoryUtil.getLong(address + at) != (long) LONGS.get(prefix, at)) {
        return false;
      }
    }
    for (; at < prefix.length; at++) {
      if (MemoryUtil.getByte(address + at) != prefix[at]) {
        return false;
      }
    }
    return true;
  }

  /** Equal byte strings have equal hashes, here and in {@link Set}. */
  private static int hash(long address, int length) {
    long hash = length;
    int at = 0;
    for (; at + 8 <= length; at += 8) {
      hash = mix(hash, MemoryUtil.getLong(address + at));
    }
    long rest = 0;
    for (; at < length; at++) {
      rest = (rest << 8) | (MemoryUtil.getByte(address + at) & 0xFF);
    }
    return (int) (mix(hash, rest) >>> 32);
  }

  private static int hash(byte[] bytes) {
    long hash = bytes.length;
    int at = 0;
    for (; at + 8 <= bytes.length; at += 8) {
      hash = mix(hash, (long) LONGS.get(bytes, at));
    }
    long rest = 0;
    for (; at < bytes.length; at++) {
      rest = (rest << 8) | (bytes[at] & 0xFF);
    }
    return (int) (mix(hash, rest) >>> 32);
  }

  private static long mix(long hash, long word) {
    long mixed = (hash ^ word) * MULTIPLIER;
    return mixed ^ (mixed >>> 29);
  }

  /** A set of byte strings, asked with ones in native memory. Immutable. */
  static final class Set {
    private final byte[][] table;
    private final int mask;

    Set(Iterable<byte[]> members, int count) {
      int size = Integer.highestOneBit(Math.max(count, 1)) * 4;
      table = new byte[size][];
      mask = size - 1;
      for (byte[] member : members) {
        int at = hash(member) & mask;
        while (table[at] != null && !Arrays.equals(table[at], member)) {
          at = (at + 1) & mask;
        }
        table[at] = member;
      }
    }

    boolean contains(long address, int length) {
      int at = hash(address, length) & mask;
      while (table[at] != null) {
        if (equal(address, length, table[at])) {
          return true;
        }
        at = (at + 1) & mask;
      }
      return false;
    }
  }
}
