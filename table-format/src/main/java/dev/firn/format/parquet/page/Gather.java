package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getInt;
import static org.apache.arrow.memory.util.MemoryUtil.getLong;
import static org.apache.arrow.memory.util.MemoryUtil.putInt;
import static org.apache.arrow.memory.util.MemoryUtil.putLong;

import org.apache.arrow.memory.util.MemoryUtil;

/** Loops that pick values of fixed width by position, specialised by width. */
final class Gather {
  private Gather() {}

  /**
   * Refuses positions outside {@code [0, count]}: they are the caller's, and native memory is read
   * by them. Returns whether one is {@code count}, a null slot.
   */
  static boolean check(int[] take, int taken, int count) {
    int signs = 0;
    int allBelow = -1;
    for (int i = 0; i < taken; i++) {
      int position = take[i];
      signs |= position;
      allBelow &= position - count; // negative where it is below
    }
    if ((signs | ~allBelow) >= 0) {
      return false;
    }
    return checkOneByOne(take, taken, count);
  }

  private static boolean checkOneByOne(int[] take, int taken, int count) {
    int lowest = 0;
    int highest = -1;
    for (int i = 0; i < taken; i++) {
      lowest = Math.min(lowest, take[i]);
      highest = Math.max(highest, take[i]);
    }
    if (lowest < 0 || highest > count) {
      throw new IllegalArgumentException(
          "Positions %d to %d, expected 0 to %d".formatted(lowest, highest, count));
    }
    return highest == count;
  }

  /**
   * As {@link #values}, with zeros for {@code count}; memory for a value {@code count} must be
   * readable.
   */
  static void valuesOrZero(int width, long source, int[] take, int taken, int count, long target) {
    switch (width) {
      case Integer.BYTES -> take4(source, take, taken, count, target);
      case Long.BYTES -> take8(source, take, taken, count, target);
      case 16 -> take16(source, take, taken, count, target);
      default -> takeAny(width, source, take, taken, count, target);
    }
  }

  // the mask is 0 for a null slot, else -1: no branch
  private static void take4(long source, int[] take, int taken, int count, long target) {
    for (int i = 0; i < taken; i++) {
      int position = take[i];
      putInt(target + 4L * i, getInt(source + 4L * position) & (position - count) >> 31);
    }
  }

  private static void take8(long source, int[] take, int taken, int count, long target) {
    for (int i = 0; i < taken; i++) {
      int position = take[i];
      putLong(target + 8L * i, getLong(source + 8L * position) & (position - count) >> 31);
    }
  }

  private static void take16(long source, int[] take, int taken, int count, long target) {
    for (int i = 0; i < taken; i++) {
      int position = take[i];
      long from = source + 16L * position;
      long mask = ((long) position - count) >> 63;
      putLong(target + 16L * i, getLong(from) & mask);
      putLong(target + 16L * i + 8, getLong(from + 8) & mask);
    }
  }

  private static void takeAny(
      int width, long source, int[] take, int taken, int count, long target) {
    for (int i = 0; i < taken; i++) {
      long to = target + (long) i * width;
      if (take[i] == count) {
        MemoryUtil.setMemory(to, width, (byte) 0);
      } else {
        MemoryUtil.copyMemory(source + (long) take[i] * width, to, width);
      }
    }
  }

  /**
   * Writes the values of {@code width} bytes at {@code source} at these positions, which were
   * checked before.
   */
  static void values(int width, long source, int[] positions, int count, long target) {
    switch (width) {
      case Integer.BYTES -> {
        for (int i = 0; i < count; i++) {
          putInt(target + 4L * i, getInt(source + 4L * positions[i]));
        }
      }
      case Long.BYTES -> {
        for (int i = 0; i < count; i++) {
          putLong(target + 8L * i, getLong(source + 8L * positions[i]));
        }
      }
      case 16 -> {
        for (int i = 0; i < count; i++) {
          long from = source + 16L * positions[i];
          putLong(target + 16L * i, getLong(from));
          putLong(target + 16L * i + 8, getLong(from + 8));
        }
      }
      case 1 -> {
        for (int i = 0; i < count; i++) {
          MemoryUtil.putByte(target + i, MemoryUtil.getByte(source + positions[i]));
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          MemoryUtil.copyMemory(
              source + (long) width * positions[i], target + (long) width * i, width);
        }
      }
    }
  }

  /** As {@link #values} at {@code positions[take[i]]}. */
  static void valuesTaken(
      int width, long source, int[] positions, int[] take, int taken, long target) {
    switch (width) {
      case Integer.BYTES -> {
        for (int i = 0; i < taken; i++) {
          putInt(target + 4L * i, getInt(source + 4L * positions[take[i]]));
        }
      }
      case Long.BYTES -> {
        for (int i = 0; i < taken; i++) {
          putLong(target + 8L * i, getLong(source + 8L * positions[take[i]]));
        }
      }
      default -> {
        for (int i = 0; i < taken; i++) {
          long from = source + (long) width * positions[take[i]];
          MemoryUtil.copyMemory(from, target + (long) width * i, width);
        }
      }
    }
  }

  /** Writes one value of {@code width} bytes {@code count} times. */
  static void repeat(int width, long value, int count, long target) {
    switch (width) {
      case Integer.BYTES -> {
        int number = getInt(value);
        for (int i = 0; i < count; i++) {
          putInt(target + 4L * i, number);
        }
      }
      case Long.BYTES -> {
        long number = getLong(value);
        for (int i = 0; i < count; i++) {
          putLong(target + 8L * i, number);
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          MemoryUtil.copyMemory(value, target + (long) width * i, width);
        }
      }
    }
  }
}
