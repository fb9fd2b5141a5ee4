package dev.firn.format.parquet.page;

import org.apache.arrow.memory.util.MemoryUtil;

/** No compression: a copy. */
final class PlainCodec extends PageCodec {
  @Override
  void checkPlausible(long source, int length, int targetLength) {
    if (length != targetLength) {
      throw wrongLength("a page without compression", targetLength, length);
    }
  }

  @Override
  void decompress(long source, int length, long target, int targetLength) {
    checkPlausible(source, length, targetLength);
    MemoryUtil.copyMemory(source, target, length);
  }

  @Override
  public long compressBound(int length) {
    return length;
  }

  @Override
  public int compress(long source, int length, long target, int capacity) {
    checkCapacity(length, capacity);
    MemoryUtil.copyMemory(source, target, length);
    return length;
  }

  @Override
  public void close() {}
}
