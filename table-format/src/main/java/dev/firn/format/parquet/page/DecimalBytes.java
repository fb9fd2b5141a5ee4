package dev.firn.format.parquet.page;

/** Decimals stored as byte strings of variable length, to 16 bytes. */
final class DecimalBytes extends FixedValues {
  private static final int BLOCK = 1024;
  private static final int WIDTH = 16;

  private final PageValues bytes;
  private final Workspace work;

  DecimalBytes(PageValues bytes, Workspace work) {
    super(Conversion.NONE, WIDTH, work);
    this.bytes = bytes;
    this.work = work;
  }

  @Override
  void decode(int count, long target) {
    VarBuffers block = work.texts();
    for (int done = 0; done < count; ) {
      int now = Math.min(BLOCK, count - done);
      block.start(now, 0);
      bytes.read(now, block);
      for (int i = 0; i < now; i++) {
        int start = block.offset(i);
        int length = block.offset(i + 1) - start;
        Converter.decimal(block.dataAddress() + start, length, target + (long) (done + i) * WIDTH);
      }
      done += now;
    }
  }

  @Override
  public void skip(int count) {
    bytes.skip(count);
  }
}
