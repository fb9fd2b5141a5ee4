package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.putInt;
import static org.apache.arrow.memory.util.MemoryUtil.putLong;

/** Numbers of 4 or 8 bytes in the encoding DELTA_BINARY_PACKED. */
final class DeltaValues extends FixedValues {
  private static final int BLOCK = 512;

  private final DeltaNumbers numbers;
  private final int width;
  private final Workspace work;

  DeltaValues(long from, long to, int width, Conversion conversion, Workspace work) {
    super(conversion, width, work);
    this.numbers = new DeltaNumbers(from, to);
    this.width = width;
    this.work = work;
  }

  @Override
  void decode(int count, long target) {
    long[] block = work.longs(BLOCK);
    for (int done = 0; done < count; ) {
      int now = Math.min(BLOCK, count - done);
      numbers.read(now, block);
      long to = target + (long) done * width;
      if (width == Long.BYTES) {
        for (int i = 0; i < now; i++) {
          putLong(to + 8L * i, block[i]);
        }
      } else {
        for (int i = 0; i < now; i++) {
          putInt(to + 4L * i, (int) block[i]);
        }
      }
      done += now;
    }
  }

  @Override
  public void skip(int count) {
    long[] block = work.longs(BLOCK);
    for (int done = 0; done < count; done += BLOCK) {
      numbers.read(Math.min(BLOCK, count - done), block);
    }
  }
}
