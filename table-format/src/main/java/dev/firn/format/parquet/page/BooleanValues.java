package dev.firn.format.parquet.page;

import org.apache.arrow.memory.util.MemoryUtil;

/** Booleans, as bits or as runs of them, to one byte each. */
final class BooleanValues extends FixedValues {
  private static final int BLOCK = 1024;

  private final HybridRuns runs;
  private final Workspace work;

  private BooleanValues(HybridRuns runs, Workspace work) {
    super(Conversion.NONE, 1, work);
    this.runs = runs;
    this.work = work;
  }

  static BooleanValues plain(long from, long to, Workspace work) {
    return new BooleanValues(HybridRuns.packed(from, to, 1), work);
  }

  /** Runs behind their length of 4 bytes. */
  static BooleanValues runs(long from, long to, Workspace work) {
    if (from == to) {
      return plain(from, to, work); // only nulls
    }
    long length = to - from < Integer.BYTES ? -1 : MemoryUtil.getInt(from);
    if (length < 0 || length > to - from - Integer.BYTES) {
      throw new CorruptPageException(
          "booleans are said to take %d bytes of the %d of the page".formatted(length, to - from));
    }
    long start = from + Integer.BYTES;
    return new BooleanValues(new HybridRuns(start, start + length, 1), work);
  }

  @Override
  void decode(int count, long target) {
    int[] block = work.numbers(BLOCK);
    for (int done = 0; done < count; ) {
      int now = Math.min(BLOCK, count - done);
      runs.read(now, block, 0);
      for (int i = 0; i < now; i++) {
        MemoryUtil.putByte(target + done + i, (byte) block[i]);
      }
      done += now;
    }
  }

  @Override
  public void skip(int count) {
    runs.skip(count);
  }
}
