package dev.firn.format.parquet.page;

import org.apache.arrow.memory.util.MemoryUtil;

/** Values of fixed length in the encoding DELTA_BYTE_ARRAY. */
final class DeltaFixedBytes extends FixedValues {
  private final DeltaPrefixes strings;
  private final int width;

  DeltaFixedBytes(long from, long to, int width, Conversion conversion, Workspace work) {
    super(conversion, width, work);
    this.strings = new DeltaPrefixes(from, to, work);
    this.width = width;
  }

  @Override
  void decode(int count, long target) {
    for (int i = 0; i < count; i++) {
      next();
      MemoryUtil.copyMemory(strings.address(), target + (long) i * width, width);
    }
  }

  @Override
  public void skip(int count) {
    for (int i = 0; i < count; i++) {
      next();
    }
  }

  private void next() {
    strings.next();
    if (strings.length() != width) {
      throw new CorruptPageException(
          "a value of %d bytes, expected %d".formatted(strings.length(), width));
    }
  }
}
