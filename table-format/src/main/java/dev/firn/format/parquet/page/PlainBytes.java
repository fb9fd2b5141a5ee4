package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getInt;
import static org.apache.arrow.memory.util.MemoryUtil.putInt;

/** Values of variable length, each behind its length of 4 bytes. */
final class PlainBytes implements PageValues {
  private static final int LIKELY_LENGTH = 16;

  private long position;
  private final long end;

  PlainBytes(long from, long to) {
    this.position = from;
    this.end = to;
  }

  @Override
  public int width() {
    return 0;
  }

  @Override
  public void read(int count, VarBuffers out) {
    reserve(count, out);
    long at = position;
    long slot = out.nextOffsetAddress();
    int start = out.bytes();
    int written = start;
    long target = out.dataAddress();
    long limit = start + out.room();
    int committed = 0;
    for (int i = 0; i < count; i++) {
      int length = length(at);
      at += Integer.BYTES;
      if (length > limit - written) {
        out.appended(i - committed, written);
        committed = i;
        out.reserve(count - i, length);
        slot = out.nextOffsetAddress();
        target = out.dataAddress();
        limit = written + out.room();
      }
      PaddedCopy.copy(at, target + written, length);
      at += length;
      written += length;
      putInt(slot, written);
      slot += Integer.BYTES;
    }
    out.appended(count - committed, written);
    position = at;
  }

  @Override
  public void readTaken(int count, int[] take, int taken, VarBuffers out) {
    reserve(taken, out);
    long at = position;
    int next = 0;
    long slot = out.nextOffsetAddress();
    int written = out.bytes();
    long target = out.dataAddress();
    long limit = written + out.room();
    int committed = 0;
    for (int i = 0; i < taken; i++) {
      int wanted = take[i];
      if (wanted != count) {
        if (wanted != next) {
          checkAscending(next, wanted, count);
          at = skip(at, wanted - next);
        }
        next = wanted + 1;
        int length = length(at);
        at += Integer.BYTES;
        if (length > limit - written) {
          out.appended(i - committed, written);
          committed = i;
          out.reserve(taken - i, length);
          slot = out.nextOffsetAddress();
          target = out.dataAddress();
          limit = written + out.room();
        }
        PaddedCopy.copy(at, target + written, length);
        at += length;
        written += length;
      }
      putInt(slot, written);
      slot += Integer.BYTES;
    }
    out.appended(taken - committed, written);
    position = skip(at, count - next);
  }

  static void checkAscending(int next, int wanted, int count) {
    if (wanted < next || wanted > count) {
      throw new IllegalArgumentException(
          "Position %d, expected %d to %d".formatted(wanted, next, count));
    }
  }

  @Override
  public void skip(int count) {
    position = skip(position, count);
  }

  private long skip(long from, int count) {
    long at = from;
    for (int i = 0; i < count; i++) {
      at += Integer.BYTES + length(at);
    }
    return at;
  }

  private void reserve(int count, VarBuffers out) {
    out.reserve(count, Math.min(end - position, (long) LIKELY_LENGTH * count));
  }

  private int length(long at) {
    if (end - at < Integer.BYTES) {
      throw new CorruptPageException(
          "values are cut off: %d bytes left in the page".formatted(end - at));
    }
    int length = getInt(at);
    if (length < 0 || length > end - at - Integer.BYTES) {
      throw new CorruptPageException(
          "a value is said to have %d bytes, with %d left in the page"
              .formatted(length, end - at - Integer.BYTES));
    }
    return length;
  }
}
