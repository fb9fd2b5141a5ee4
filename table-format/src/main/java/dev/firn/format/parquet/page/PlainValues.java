package dev.firn.format.parquet.page;

import org.apache.arrow.memory.util.MemoryUtil;

/** Values of fixed width, one after the other. */
final class PlainValues extends FixedValues {
  private final int width;
  private long position;
  private final long end;

  PlainValues(long from, long to, int width, Conversion conversion, Workspace work) {
    super(conversion, width, work);
    this.position = from;
    this.end = to;
    this.width = width;
  }

  @Override
  void decode(int count, long target) {
    MemoryUtil.copyMemory(decoded(count), target, (long) count * width);
  }

  @Override
  long decoded(int count) {
    long from = position;
    skip(count);
    return from;
  }

  @Override
  public void skip(int count) {
    long bytes = (long) count * width;
    if (bytes > end - position) {
      throw new CorruptPageException(
          "%d values of %d bytes are wanted, %d bytes are left in the page"
              .formatted(count, width, end - position));
    }
    position += bytes;
  }
}
