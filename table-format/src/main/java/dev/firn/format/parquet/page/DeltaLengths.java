package dev.firn.format.parquet.page;

/** Byte strings whose lengths stand in front of all of them: a cursor over both. */
final class DeltaLengths {
  static final int BLOCK = 512;

  private final DeltaNumbers lengths;
  private final Workspace work;
  private final long end;
  private long position;

  DeltaLengths(long from, long to, Workspace work) {
    this.lengths = new DeltaNumbers(from, to);
    this.work = work;
    this.position = DeltaNumbers.end(from, to);
    this.end = to;
  }

  /** Where the bytes of the next string are; those of the following ones follow. */
  long position() {
    return position;
  }

  /**
   * Consumes {@code count} strings, at most {@link #BLOCK}, with their lengths in {@code out};
   * returns the bytes of all, which are within the page.
   */
  int next(int count, int[] out) {
    long[] block = work.longs(BLOCK);
    lengths.read(count, block);
    long sum = 0;
    long lowest = 0;
    long highest = 0;
    for (int i = 0; i < count; i++) {
      out[i] = (int) block[i];
      lowest = Math.min(lowest, block[i]);
      highest = Math.max(highest, block[i]);
      sum += out[i];
    }
    if (lowest < 0 || highest > Integer.MAX_VALUE || sum > end - position) {
      throw new CorruptPageException(
          "%d values are said to have %d bytes, of them %d to %d, with %d left in the page"
              .formatted(count, sum, lowest, highest, end - position));
    }
    position += sum;
    return (int) sum;
  }
}
