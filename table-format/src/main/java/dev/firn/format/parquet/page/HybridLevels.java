package dev.firn.format.parquet.page;

/** Levels as {@link HybridRuns}. */
final class HybridLevels implements Levels {
  private static final int BLOCK = 1024;

  private final HybridRuns runs;
  private final int max;
  private int left;
  private final int[] block;

  HybridLevels(HybridRuns runs, int max, int entries, Workspace work) {
    this.runs = runs;
    this.max = max;
    this.left = entries;
    this.block = work.numbers(BLOCK);
  }

  @Override
  public void read(int count, short[] out, int offset) {
    consume(count);
    int at = offset;
    for (int wanted = count; wanted > 0; ) {
      int now = Math.min(wanted, BLOCK);
      runs.read(now, block, 0);
      checkMax(now);
      for (int i = 0; i < now; i++) {
        out[at + i] = (short) block[i];
      }
      at += now;
      wanted -= now;
    }
  }

  @Override
  public int readBits(int count, long address, long bit) {
    if (max != 1) {
      throw new IllegalStateException("Levels up to " + max + " are no bits");
    }
    consume(count);
    int ones = 0;
    long at = bit;
    for (int wanted = count; wanted > 0; ) {
      int now = Math.min(wanted, runs.left());
      if (runs.isRepeated()) {
        Bits.fill(address, at, now, runs.value() != 0);
        ones += runs.value() * now;
      } else {
        ones += Bits.copy(runs.packed(), runs.index(), address, at, now);
      }
      runs.advance(now);
      at += now;
      wanted -= now;
    }
    return ones;
  }

  @Override
  public int skip(int count) {
    consume(count);
    int maxima = 0;
    for (int wanted = count; wanted > 0; ) {
      int now = Math.min(wanted, runs.left());
      if (runs.isRepeated()) {
        checkLevel(runs.value());
        maxima += runs.value() == max ? now : 0;
        runs.advance(now);
      } else if (max == 1) {
        maxima += Bits.count(runs.packed(), runs.index(), now);
        runs.advance(now);
      } else {
        now = Math.min(now, BLOCK);
        runs.read(now, block, 0);
        maxima += countMaxima(now);
      }
      wanted -= now;
    }
    return maxima;
  }

  private int countMaxima(int count) {
    int maxima = 0;
    int highest = 0;
    for (int i = 0; i < count; i++) {
      maxima += block[i] == max ? 1 : 0;
      highest = Math.max(highest, block[i]);
    }
    checkLevel(highest);
    return maxima;
  }

  private void checkMax(int count) {
    int highest = 0;
    for (int i = 0; i < count; i++) {
      highest = Math.max(highest, block[i]);
    }
    checkLevel(highest);
  }

  private void checkLevel(int level) {
    if (level > max) {
      throw new CorruptPageException("a level of %d, expected at most %d".formatted(level, max));
    }
  }

  private void consume(int count) {
    if (count > left) {
      throw new CorruptPageException(
          "%d levels are wanted, %d are left in the page".formatted(count, left));
    }
    left -= count;
  }
}
