package dev.firn.format.hash;

import java.util.Arrays;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Values that are bytes: of any length, or of one length (fixed, uuid).
 *
 * <p>How it works: those of any length are taken by how many words they are, shortest first, so
 * that the processor foresees where each one ends; that does not pay where most are short.
 */
final class ByteSlots extends Slots {
  private static final int VARIABLE = -1;
  private static final int BLOCK = 1024;

  /** From that number of words on, the end of a value is little of the work. */
  private static final int LONG = 32;

  private static final int NULLS = LONG + 1;

  private final FieldKey key;
  private final int width;
  private final int[] starts;
  private final int[] lengths;
  private final byte[] classes;
  private final short[] order;
  private final int[] ends = new int[NULLS + 1];
  private long offsets;
  private long data;
  private long end;

  private ByteSlots(FieldKey key, int width) {
    this.key = key;
    this.width = width;
    int block = width == VARIABLE ? BLOCK : 0;
    this.starts = new int[block];
    this.lengths = new int[block];
    this.classes = new byte[block];
    this.order = new short[block];
  }

  static ByteSlots ofAnyLength(FieldKey key) {
    return new ByteSlots(key, VARIABLE);
  }

  static ByteSlots ofWidth(int bytes, FieldKey key) {
    return new ByteSlots(key, bytes);
  }

  @Override
  void bind(FieldVector vector, DictionaryProvider dictionaries) {
    super.bind(vector, dictionaries);
    data = vector.getDataBuffer().memoryAddress();
    end = data + vector.getDataBuffer().capacity();
    offsets = width == VARIABLE ? vector.getOffsetBuffer().memoryAddress() : 0;
  }

  @Override
  void add(int from, int to, long[] one, long[] two) {
    if (width == VARIABLE) {
      addVariable(from, to, one, two);
      return;
    }
    for (int i = from; i < to; i++) {
      if (!isNull(i)) {
        add(data + (long) width * i, width, i - from, one, two);
      }
    }
  }

  private void addVariable(int from, int to, long[] one, long[] two) {
    for (int start = from; start < to; start += BLOCK) {
      int count = Math.min(BLOCK, to - start);
      int bytes =
          MemoryUtil.getInt(offsets + 4L * (start + count))
              - MemoryUtil.getInt(offsets + 4L * start);
      if (bytes <= Long.BYTES * count) {
        addShort(start, count, start - from, one, two);
      } else {
        addByLength(start, count, start - from, one, two);
      }
    }
  }

  /** Most are a word at most. */
  private void addShort(int from, int count, int at, long[] one, long[] two) {
    int start = MemoryUtil.getInt(offsets + 4L * from);
    for (int i = 0; i < count; i++) {
      int next = MemoryUtil.getInt(offsets + 4L * (from + i + 1));
      if (!nulls() || !isNull(from + i)) {
        add(data + start, next - start, at + i, one, two);
      }
      start = next;
    }
  }

  private void addByLength(int from, int count, int at, long[] one, long[] two) {
    Arrays.fill(ends, 0);
    int start = MemoryUtil.getInt(offsets + 4L * from);
    for (int i = 0; i < count; i++) {
      int next = MemoryUtil.getInt(offsets + 4L * (from + i + 1));
      int words = nulls() && isNull(from + i) ? NULLS : Math.min(next - start + 7 >>> 3, LONG);
      starts[i] = start;
      lengths[i] = next - start;
      classes[i] = (byte) words;
      ends[words]++;
      start = next;
    }
    for (int words = 1; words < ends.length; words++) {
      ends[words] += ends[words - 1];
    }
    int nulls = count - ends[LONG];
    for (int i = count - 1; i >= 0; i--) {
      order[--ends[classes[i]]] = (short) i;
    }
    for (int i = 0; i < count - nulls; i++) {
      int row = order[i];
      add(data + starts[row], lengths[row], at + row, one, two);
    }
  }

  private void add(long address, int length, int at, long[] one, long[] two) {
    long x = Mix.startOne(length) ^ key.seed();
    long y = Mix.startTwo(length) + key.seed();
    int whole = (length - 1) & ~7;
    for (int i = 0; i < whole; i += 8) {
      long word = MemoryUtil.getLong(address + i);
      x = Mix.nextOne(x, word);
      y = Mix.nextTwo(y, word);
    }
    if (length > 0) {
      long word = Mix.tail(address, length, end);
      x = Mix.nextOne(x, word);
      y = Mix.nextTwo(y, word);
    }
    one[at] += x * key.one();
    two[at] += ((y ^ (y >>> 32)) ^ key.shift()) * key.two();
  }
}
