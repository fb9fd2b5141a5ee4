package dev.firn.format.parquet.page;

/** Values of variable length in the encoding DELTA_BYTE_ARRAY. */
final class DeltaBytes implements PageValues {
  private final DeltaPrefixes strings;

  DeltaBytes(long from, long to, Workspace work) {
    this.strings = new DeltaPrefixes(from, to, work);
  }

  @Override
  public int width() {
    return 0;
  }

  @Override
  public void read(int count, VarBuffers out) {
    for (int i = 0; i < count; i++) {
      strings.next();
      out.append(strings.address(), strings.length());
    }
  }

  @Override
  public void readTaken(int count, int[] take, int taken, VarBuffers out) {
    int next = 0;
    for (int i = 0; i < taken; i++) {
      int wanted = take[i];
      if (wanted == count) {
        out.appendEmpty(1);
        continue;
      }
      PlainBytes.checkAscending(next, wanted, count);
      skip(wanted - next + 1);
      next = wanted + 1;
      out.append(strings.address(), strings.length());
    }
    skip(count - next);
  }

  @Override
  public void skip(int count) {
    for (int i = 0; i < count; i++) {
      strings.next();
    }
  }
}
