package dev.firn.format.parquet.page;

import java.util.Arrays;

/** The levels of a column whose maximum is 0: nothing is stored, each is 0 and so the maximum. */
final class ZeroLevels implements Levels {
  private int left;

  ZeroLevels(int entries) {
    left = entries;
  }

  @Override
  public void read(int count, short[] out, int offset) {
    consume(count);
    Arrays.fill(out, offset, offset + count, (short) 0);
  }

  @Override
  public int readBits(int count, long address, long bit) {
    consume(count);
    Bits.fill(address, bit, count, true);
    return count;
  }

  @Override
  public int skip(int count) {
    consume(count);
    return count;
  }

  private void consume(int count) {
    if (count > left) {
      throw new CorruptPageException(
          "%d levels are wanted, %d are left in the page".formatted(count, left));
    }
    left -= count;
  }
}
