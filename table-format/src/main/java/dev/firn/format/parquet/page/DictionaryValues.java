package dev.firn.format.parquet.page;

import static org.apache.arrow.memory.util.MemoryUtil.getLong;
import static org.apache.arrow.memory.util.MemoryUtil.putInt;
import static org.apache.arrow.memory.util.MemoryUtil.putLong;

/** Indices into a dictionary of fixed or variable width. */
final class DictionaryValues implements PageValues {
  private static final int BLOCK = 1024;

  private final DictionaryIds ids;
  private final ChunkDictionary dictionary;
  private final Workspace work;

  DictionaryValues(long from, long to, ChunkDictionary dictionary, Workspace work) {
    this.ids = new DictionaryIds(from, to, dictionary.size(), work);
    this.dictionary = dictionary;
    this.work = work;
  }

  @Override
  public int width() {
    return dictionary.width();
  }

  @Override
  public boolean isDictionary() {
    return true;
  }

  @Override
  public void read(int count, long address) {
    int width = fixedWidth();
    long entries = dictionary.address();
    int[] block = ids.block();
    for (int done = 0; done < count; ) {
      long target = address + (long) done * width;
      int now = ids.nextRepeated(count - done);
      if (now > 0) {
        Gather.repeat(width, entries + (long) ids.repeatedId() * width, now, target);
      } else {
        now = ids.gatherPacked(count - done, width, entries, target);
      }
      if (now == 0) {
        now = ids.nextShort(count - done, block);
        Gather.values(width, entries, block, now, target);
      }
      done += now;
    }
  }

  @Override
  public void readTaken(int count, int[] take, int taken, long address) {
    int width = fixedWidth();
    Gather.check(take, taken, count);
    int[] all = ids.all(count, dictionary.size());
    Gather.valuesTaken(width, dictionary.address(), all, take, taken, address);
  }

  private int fixedWidth() {
    if (dictionary.width() == 0) {
      throw new IllegalStateException("Values of variable length have no width");
    }
    return dictionary.width();
  }

  @Override
  public void read(int count, VarBuffers out) {
    int[] block = ids.block();
    for (int done = 0; done < count; ) {
      int now = ids.next(count - done, block);
      append(block, now, out);
      done += now;
    }
  }

  @Override
  public void readTaken(int count, int[] take, int taken, VarBuffers out) {
    Gather.check(take, taken, count);
    int[] all = ids.all(count, dictionary.size());
    int[] selected = work.selected(BLOCK);
    for (int done = 0; done < taken; ) {
      int now = Math.min(BLOCK, taken - done);
      for (int i = 0; i < now; i++) {
        selected[i] = all[take[done + i]];
      }
      append(selected, now, out);
      done += now;
    }
  }

  private void append(int[] ids, int count, VarBuffers out) {
    if (dictionary.width() > 0) {
      throw new IllegalStateException(
          "Values of %d bytes are not of variable length".formatted(width()));
    }
    int longest = dictionary.longest();
    long bound = (long) count * longest;
    out.reserve(count, bound <= out.room() ? bound : exact(ids, count));
    int end;
    if (longest <= 8) {
      end = append8(ids, count, out);
    } else if (longest <= 16) {
      end = append16(ids, count, out);
    } else if (longest <= 32) {
      end = append32(ids, count, out);
    } else {
      end = appendAny(ids, count, out);
    }
    out.appended(count, end);
  }

  private long exact(int[] ids, int count) {
    long[] spans = dictionary.spans();
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += (int) spans[ids[i]];
    }
    return bytes;
  }

  private int append8(int[] ids, int count, VarBuffers out) {
    long[] spans = dictionary.spans();
    long entries = dictionary.address();
    long target = out.dataAddress();
    long slot = out.nextOffsetAddress();
    int end = out.bytes();
    for (int i = 0; i < count; i++) {
      long span = spans[ids[i]];
      putLong(target + end, getLong(entries + (span >>> 32)));
      end += (int) span;
      putInt(slot + 4L * i, end);
    }
    return end;
  }

  private int append16(int[] ids, int count, VarBuffers out) {
    long[] spans = dictionary.spans();
    long entries = dictionary.address();
    long target = out.dataAddress();
    long slot = out.nextOffsetAddress();
    int end = out.bytes();
    for (int i = 0; i < count; i++) {
      long span = spans[ids[i]];
      long from = entries + (span >>> 32);
      long to = target + end;
      putLong(to, getLong(from));
      putLong(to + 8, getLong(from + 8));
      end += (int) span;
      putInt(slot + 4L * i, end);
    }
    return end;
  }

  private int append32(int[] ids, int count, VarBuffers out) {
    long[] spans = dictionary.spans();
    long entries = dictionary.address();
    long target = out.dataAddress();
    long slot = out.nextOffsetAddress();
    int end = out.bytes();
    for (int i = 0; i < count; i++) {
      long span = spans[ids[i]];
      long from = entries + (span >>> 32);
      long to = target + end;
      putLong(to, getLong(from));
      putLong(to + 8, getLong(from + 8));
      putLong(to + 16, getLong(from + 16));
      putLong(to + 24, getLong(from + 24));
      end += (int) span;
      putInt(slot + 4L * i, end);
    }
    return end;
  }

  private int appendAny(int[] ids, int count, VarBuffers out) {
    long[] spans = dictionary.spans();
    long entries = dictionary.address();
    long target = out.dataAddress();
    long slot = out.nextOffsetAddress();
    int end = out.bytes();
    for (int i = 0; i < count; i++) {
      long span = spans[ids[i]];
      PaddedCopy.copy(entries + (span >>> 32), target + end, (int) span);
      end += (int) span;
      putInt(slot + 4L * i, end);
    }
    return end;
  }

  @Override
  public void skip(int count) {
    ids.skip(count);
  }

  @Override
  public void readIds(int count, long address) {
    int[] block = ids.block();
    for (int done = 0; done < count; ) {
      int now = ids.next(count - done, block);
      for (int i = 0; i < now; i++) {
        putInt(address + 4L * (done + i), block[i]);
      }
      done += now;
    }
  }

  @Override
  public void readIdsTaken(int count, int[] take, int taken, long address) {
    Gather.check(take, taken, count);
    int[] all = ids.all(count, 0);
    for (int i = 0; i < taken; i++) {
      putInt(address + 4L * i, all[take[i]]);
    }
  }
}
