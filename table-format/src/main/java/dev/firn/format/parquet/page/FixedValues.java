package dev.firn.format.parquet.page;

/** Values stored at one width, which are converted block by block. */
abstract class FixedValues implements PageValues {
  private static final int BLOCK = 1024;

  private final Conversion conversion;
  private final int stored;
  private final int width;
  private final Workspace work;

  FixedValues(Conversion conversion, int stored, Workspace work) {
    this.conversion = conversion;
    this.stored = stored;
    this.width = Converter.width(conversion, stored);
    this.work = work;
  }

  /** Consumes {@code count} values and writes them as stored. */
  abstract void decode(int count, long target);

  /**
   * Consumes {@code count} values and returns where they are as stored; as many bytes as one more
   * may be read.
   */
  long decoded(int count) {
    long target = work.stored().ensure((count + 1L) * stored);
    decode(count, target);
    return target;
  }

  @Override
  public final int width() {
    return width;
  }

  @Override
  public final void read(int count, long address) {
    if (conversion == Conversion.NONE) {
      decode(count, address);
      return;
    }
    for (int done = 0; done < count; ) {
      int now = Math.min(BLOCK, count - done);
      Converter.convert(conversion, decoded(now), stored, now, address + (long) done * width);
      done += now;
    }
  }

  @Override
  public final void readTaken(int count, int[] take, int taken, long address) {
    boolean nulls = Gather.check(take, taken, count);
    long source;
    if (conversion == Conversion.NONE) {
      source = decoded(count);
    } else {
      source = work.converted().ensure((count + 1L) * width);
      read(count, source);
    }
    if (nulls) {
      Gather.valuesOrZero(width, source, take, taken, count, address);
    } else {
      Gather.values(width, source, take, taken, address);
    }
  }
}
