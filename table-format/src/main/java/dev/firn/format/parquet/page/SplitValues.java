package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getByte;
import static org.apache.arrow.memory.util.MemoryUtil.getLong;
import static org.apache.arrow.memory.util.MemoryUtil.putByte;
import static org.apache.arrow.memory.util.MemoryUtil.putInt;
import static org.apache.arrow.memory.util.MemoryUtil.putLong;

/**
 * Values of fixed width in the encoding BYTE_STREAM_SPLIT: all their first bytes, then all their
 * second ones, and so on.
 */
final class SplitValues extends FixedValues {
  private final long start;
  private final int width;
  private final long values;
  private long next;

  SplitValues(long from, long to, int width, Conversion conversion, Workspace work) {
    super(conversion, width, work);
    if ((to - from) % width != 0) {
      throw new CorruptPageException(
          "%d bytes are no whole number of values of %d bytes".formatted(to - from, width));
    }
    this.start = from;
    this.width = width;
    this.values = (to - from) / width;
  }

  @Override
  void decode(int count, long target) {
    long source = start + next;
    skip(count);
    switch (width) {
      case Integer.BYTES -> join4(source, count, target);
      case Long.BYTES -> join8(source, count, target);
      default -> {
        for (int stream = 0; stream < width; stream++) {
          for (long i = 0; i < count; i++) {
            putByte(target + i * width + stream, getByte(source + stream * values + i));
          }
        }
      }
    }
  }

  // eight values at a time, of one word from each stream
  private void join4(long source, int count, long target) {
    long second = source + values;
    long third = second + values;
    long fourth = third + values;
    long i = 0;
    for (; i <= count - 8; i += 8) {
      long a = getLong(source + i);
      long b = getLong(second + i);
      long c = getLong(third + i);
      long d = getLong(fourth + i);
      for (int shift = 0; shift < 64; shift += 8) {
        long joined = a >>> shift & 0xff | (b >>> shift & 0xff) << 8;
        joined |= (c >>> shift & 0xff) << 16 | (d >>> shift & 0xff) << 24;
        putInt(target + 4 * i + (shift >>> 1), (int) joined);
      }
    }
    for (; i < count; i++) {
      int low = getByte(source + i) & 0xff | (getByte(second + i) & 0xff) << 8;
      int high = getByte(third + i) & 0xff | (getByte(fourth + i) & 0xff) << 8;
      putInt(target + 4 * i, low | high << 16);
    }
  }

  private void join8(long source, int count, long target) {
    long half = source + 4 * values;
    for (long i = 0; i < count; i++) {
      putLong(target + 8 * i, four(source + i) | four(half + i) << 32);
    }
  }

  private long four(long source) {
    long low = getByte(source) & 0xffL | (getByte(source + values) & 0xffL) << 8;
    long third = getByte(source + 2 * values) & 0xffL;
    return low | third << 16 | (getByte(source + 3 * values) & 0xffL) << 24;
  }

  @Override
  public void skip(int count) {
    if (count > values - next) {
      throw new CorruptPageException(
          "%d values are wanted, %d are left in the page".formatted(count, values - next));
    }
    next += count;
  }
}
