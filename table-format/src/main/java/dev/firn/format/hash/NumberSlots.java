package dev.firn.format.hash;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Values that are one number.
 *
 * <p>How it works: they are copied to an array first, since the compiler makes vector instructions
 * of a loop over arrays, and none of one over native memory.
 */
abstract sealed class NumberSlots extends Slots {
  final long seed;
  final long keyOne;
  final long keyTwo;
  final long shift;
  private long[] values = new long[0];
  private long[] masks = new long[0];
  long data;
  ByteBuffer bytes = ByteBuffer.allocate(0);

  private NumberSlots(FieldKey key) {
    this.seed = key.seed();
    this.keyOne = key.one();
    this.keyTwo = key.two();
    this.shift = key.shift();
  }

  @Override
  void bind(FieldVector vector, DictionaryProvider dictionaries) {
    super.bind(vector, dictionaries);
    ArrowBuf values = vector.getDataBuffer();
    data = values.memoryAddress();
    bytes =
        values
            .nioBuffer(0, (int) Math.min(values.capacity(), Integer.MAX_VALUE))
            .order(ByteOrder.nativeOrder());
  }

  @Override
  void add(int from, int to, long[] one, long[] two) {
    int count = to - from;
    if (values.length < count) {
      values = new long[count];
    }
    load(from, count, values);
    if (nulls()) {
      if (masks.length < count) {
        masks = new long[count];
      }
      for (int i = 0; i < count; i++) {
        masks[i] = mask(from + i);
      }
      addMasked(count, values, masks, one, two);
    } else {
      addAll(count, values, one, two);
    }
  }

  final void longs(int from, int count, long[] into) {
    bytes.asLongBuffer().get(from, into, 0, count);
  }

  /** Copies {@code count} values to the front of {@code into}, each as a long. */
  abstract void load(int from, int count, long[] into);

  private void addAll(int count, long[] from, long[] one, long[] two) {
    long xor = seed;
    long first = keyOne;
    long second = keyTwo;
    long change = shift;
    for (int i = 0; i < count; i++) {
      long x = Mix.light(from[i] ^ xor);
      one[i] += x * first;
      two[i] += (x ^ change) * second;
    }
  }

  private void addMasked(int count, long[] from, long[] present, long[] one, long[] two) {
    long xor = seed;
    long first = keyOne;
    long second = keyTwo;
    long change = shift;
    for (int i = 0; i < count; i++) {
      long x = Mix.light(from[i] ^ xor);
      one[i] += x * first & present[i];
      two[i] += (x ^ change) * second & present[i];
    }
  }

  /** Longs, times and timestamps in their unit. */
  static final class Longs extends NumberSlots {
    Longs(FieldKey key) {
      super(key);
    }

    @Override
    void load(int from, int count, long[] into) {
      longs(from, count, into);
    }
  }

  /** Integers and dates, as longs. */
  static final class Ints extends NumberSlots {
    private int[] narrow = new int[0];

    Ints(FieldKey key) {
      super(key);
    }

    @Override
    void load(int from, int count, long[] into) {
      if (narrow.length < count) {
        narrow = new int[count];
      }
      bytes.asIntBuffer().get(from, narrow, 0, count);
      for (int i = 0; i < count; i++) {
        into[i] = narrow[i];
      }
    }
  }

  /** Doubles by their bits, where all that is not a number is one value. */
  static final class Doubles extends NumberSlots {
    private static final long INFINITE = Double.doubleToLongBits(Double.POSITIVE_INFINITY);
    private static final long NAN = Double.doubleToLongBits(Double.NaN);

    Doubles(FieldKey key) {
      super(key);
    }

    @Override
    void load(int from, int count, long[] into) {
      longs(from, count, into);
      for (int i = 0; i < count; i++) {
        // All ones where it is no number; without a branch the loop becomes vector instructions.
        long odd = INFINITE - (into[i] & Long.MAX_VALUE) >> 63;
        into[i] = into[i] & ~odd | NAN & odd;
      }
    }
  }

  /** Floats, as doubles. */
  static final class Floats extends NumberSlots {
    Floats(FieldKey key) {
      super(key);
    }

    @Override
    void load(int from, int count, long[] into) {
      long start = data + 4L * from;
      for (int i = 0; i < count; i++) {
        double value = Float.intBitsToFloat(MemoryUtil.getInt(start + 4L * i));
        into[i] = Double.doubleToLongBits(value);
      }
    }
  }

  /** Unscaled values of 128 bits; those that fit into a long as longs. */
  static final class Decimals extends NumberSlots {
    private long[] beyond = new long[0];
    private boolean wide;

    Decimals(FieldKey key) {
      super(key);
    }

    @Override
    void load(int from, int count, long[] into) {
      long start = data + 16L * from;
      long any = 0;
      if (beyond.length < count) {
        beyond = new long[count];
      }
      for (int i = 0; i < count; i++) {
        long low = MemoryUtil.getLong(start + 16L * i);
        long rest = MemoryUtil.getLong(start + 16L * i + 8) - (low >> 63);
        into[i] = low;
        beyond[i] = rest;
        any |= rest;
      }
      wide = any != 0;
    }

    @Override
    void add(int from, int to, long[] one, long[] two) {
      super.add(from, to, one, two);
      for (int i = 0; wide && i < to - from; i++) {
        if (beyond[i] != 0 && !isNull(from + i)) {
          long low = MemoryUtil.getLong(data + 16L * (from + i));
          long x = Mix.light(low ^ seed);
          long more = Mix.spread(beyond[i]);
          one[i] += more * keyOne;
          two[i] += ((x + (more << 1) ^ shift) - (x ^ shift)) * keyTwo;
        }
      }
    }
  }

  /** Bits, as 0 and 1. */
  static final class Booleans extends NumberSlots {
    Booleans(FieldKey key) {
      super(key);
    }

    @Override
    void load(int from, int count, long[] into) {
      for (int i = 0; i < count; i++) {
        int slot = from + i;
        into[i] = (long) MemoryUtil.getByte(data + (slot >>> 3)) >>> (slot & 7) & 1;
      }
    }
  }
}
