package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.putInt;

import org.apache.arrow.memory.util.MemoryUtil;

/** Values of variable length in the encoding DELTA_LENGTH_BYTE_ARRAY. */
final class DeltaLengthBytes implements PageValues {
  private static final int BLOCK = DeltaLengths.BLOCK;

  private final DeltaLengths strings;
  private final Workspace work;

  DeltaLengthBytes(long from, long to, Workspace work) {
    this.strings = new DeltaLengths(from, to, work);
    this.work = work;
  }

  @Override
  public int width() {
    return 0;
  }

  @Override
  public void read(int count, VarBuffers out) {
    int[] lengths = work.numbers(BLOCK);
    for (int done = 0; done < count; ) {
      int now = Math.min(BLOCK, count - done);
      long source = strings.position();
      int bytes = strings.next(now, lengths);
      out.reserve(now, bytes);
      int end = out.bytes();
      MemoryUtil.copyMemory(source, out.dataAddress() + end, bytes);
      long slot = out.nextOffsetAddress();
      for (int i = 0; i < now; i++) {
        end += lengths[i];
        putInt(slot + 4L * i, end);
      }
      out.appended(now, end);
      done += now;
    }
  }

  @Override
  public void readTaken(int count, int[] take, int taken, VarBuffers out) {
    int[] lengths = work.numbers(BLOCK);
    int slot = 0;
    for (int done = 0; done < count; ) {
      int now = Math.min(BLOCK, count - done);
      long source = strings.position();
      strings.next(now, lengths);
      slot = appendTaken(new Block(source, lengths, done, now), count, take, slot, taken, out);
      done += now;
    }
    out.appendEmpty(taken - slot);
  }

  /**
   * Values {@code [first, first + count)} of a call, one after the other from {@code source} on.
   */
  @SuppressWarnings("ArrayRecordComponent") // a view for one call, never compared
  private record Block(long source, int[] lengths, int first, int count) {}

  /** Appends the block's slots from {@code slot} on; returns the slot after them. */
  private static int appendTaken(
      Block block, int count, int[] take, int slot, int taken, VarBuffers out) {
    int at = slot;
    long source = block.source;
    int value = 0;
    for (; at < taken; at++) {
      int wanted = take[at];
      if (wanted == count) {
        out.appendEmpty(1);
        continue;
      }
      int inBlock = wanted - block.first;
      if (inBlock >= block.count) {
        break;
      }
      PlainBytes.checkAscending(block.first + value, wanted, count);
      for (; value < inBlock; value++) {
        source += block.lengths[value];
      }
      out.append(source, block.lengths[value]);
      source += block.lengths[value++];
    }
    return at;
  }

  @Override
  public void skip(int count) {
    int[] lengths = work.numbers(BLOCK);
    for (int done = 0; done < count; done += BLOCK) {
      strings.next(Math.min(BLOCK, count - done), lengths);
    }
  }
}
