package dev.firn.format.hash;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** Values that are one number. */
abstract sealed class NumberSlots extends Slots {
  final long seed;
  final long keyOne;
  final long keyTwo;
  final long shift;
  long data;

  private NumberSlots(FieldKey key) {
    this.seed = key.seed();
    this.keyOne = key.one();
    this.keyTwo = key.two();
    this.shift = key.shift();
  }

  @Override
  void bind(FieldVector vector, DictionaryProvider dictionaries) {
    super.bind(vector, dictionaries);
    data = vector.getDataBuffer().memoryAddress();
  }

  /** Longs, times and timestamps in their unit. */
  static final class Longs extends NumberSlots {
    Longs(FieldKey key) {
      super(key);
    }

    @Override
    void add(int from, int to, long[] one, long[] two) {
      boolean nulls = nulls();
      for (int i = from; i < to; i++) {
        long mask = nulls ? mask(i) : -1;
        long x = Mix.light(MemoryUtil.getLong(data + 8L * i) ^ seed);
        one[i - from] += x * keyOne & mask;
        two[i - from] += (x ^ shift) * keyTwo & mask;
      }
    }
  }

  /** Integers and dates, as longs. */
  static final class Ints extends NumberSlots {
    Ints(FieldKey key) {
      super(key);
    }

    @Override
    void add(int from, int to, long[] one, long[] two) {
      boolean nulls = nulls();
      for (int i = from; i < to; i++) {
        long mask = nulls ? mask(i) : -1;
        long x = Mix.light(MemoryUtil.getInt(data + 4L * i) ^ seed);
        one[i - from] += x * keyOne & mask;
        two[i - from] += (x ^ shift) * keyTwo & mask;
      }
    }
  }

  /** Doubles by their bits, where all that is not a number is one value. */
  static final class Doubles extends NumberSlots {
    Doubles(FieldKey key) {
      super(key);
    }

    @Override
    void add(int from, int to, long[] one, long[] two) {
      boolean nulls = nulls();
      for (int i = from; i < to; i++) {
        long mask = nulls ? mask(i) : -1;
        double value = Double.longBitsToDouble(MemoryUtil.getLong(data + 8L * i));
        long x = Mix.light(Double.doubleToLongBits(value) ^ seed);
        one[i - from] += x * keyOne & mask;
        two[i - from] += (x ^ shift) * keyTwo & mask;
      }
    }
  }

  /** Floats, as doubles. */
  static final class Floats extends NumberSlots {
    Floats(FieldKey key) {
      super(key);
    }

    @Override
    void add(int from, int to, long[] one, long[] two) {
      boolean nulls = nulls();
      for (int i = from; i < to; i++) {
        long mask = nulls ? mask(i) : -1;
        double value = Float.intBitsToFloat(MemoryUtil.getInt(data + 4L * i));
        long x = Mix.light(Double.doubleToLongBits(value) ^ seed);
        one[i - from] += x * keyOne & mask;
        two[i - from] += (x ^ shift) * keyTwo & mask;
      }
    }
  }

  /** Unscaled values of 128 bits; those that fit into a long as longs. */
  static final class Decimals extends NumberSlots {
    Decimals(FieldKey key) {
      super(key);
    }

    @Override
    void add(int from, int to, long[] one, long[] two) {
      boolean nulls = nulls();
      for (int i = from; i < to; i++) {
        long mask = nulls ? mask(i) : -1;
        long low = MemoryUtil.getLong(data + 16L * i);
        long beyond = Mix.spread(MemoryUtil.getLong(data + 16L * i + 8) - (low >> 63));
        long x = Mix.light(low ^ seed);
        one[i - from] += (x + beyond) * keyOne & mask;
        two[i - from] += (x + (beyond << 1) ^ shift) * keyTwo & mask;
      }
    }
  }

  /** Bits, as 0 and 1. */
  static final class Booleans extends NumberSlots {
    Booleans(FieldKey key) {
      super(key);
    }

    @Override
    void add(int from, int to, long[] one, long[] two) {
      for (int i = from; i < to; i++) {
        long mask = mask(i);
        long bit = (long) MemoryUtil.getByte(data + (i >>> 3)) >>> (i & 7) & 1;
        long x = Mix.light(bit ^ seed);
        one[i - from] += x * keyOne & mask;
        two[i - from] += (x ^ shift) * keyTwo & mask;
      }
    }
  }
}
