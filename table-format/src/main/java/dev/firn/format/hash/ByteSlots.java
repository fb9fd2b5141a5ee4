package dev.firn.format.hash;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** Values that are bytes: of any length, or of one length (fixed, uuid). */
final class ByteSlots extends Slots {
  private static final int VARIABLE = -1;

  private final FieldKey key;
  private final int width;
  private long offsets;
  private long data;
  private long end;

  private ByteSlots(FieldKey key, int width) {
    this.key = key;
    this.width = width;
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
    int start = from == to ? 0 : MemoryUtil.getInt(offsets + 4L * from);
    for (int i = from; i < to; i++) {
      int end = MemoryUtil.getInt(offsets + 4L * (i + 1));
      if (!isNull(i)) {
        add(data + start, end - start, i - from, one, two);
      }
      start = end;
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
