package dev.firn.format.hash;

import java.util.Arrays;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Lists, whose order counts, and maps, whose order does not. Elements are hashed a window at a
 * time, so that one long list takes no more memory.
 */
final class RepeatedSlots extends Slots {
  private static final int WINDOW = 1024;

  private final FieldKey key;
  private final Slots elements;
  private final boolean ordered;
  private final long[] ones = new long[WINDOW];
  private final long[] twos = new long[WINDOW];
  private long offsets;
  private int windowStart;
  private int windowEnd;

  private RepeatedSlots(FieldKey key, Slots elements, boolean ordered) {
    this.key = key;
    this.elements = elements;
    this.ordered = ordered;
  }

  static RepeatedSlots list(FieldKey key, Slots elements) {
    return new RepeatedSlots(key, elements, true);
  }

  static RepeatedSlots map(FieldKey key, Slots entries) {
    return new RepeatedSlots(key, entries, false);
  }

  @Override
  void bind(FieldVector vector, DictionaryProvider dictionaries) {
    super.bind(vector, dictionaries);
    elements.bind(vector.getChildrenFromFields().get(0), dictionaries);
    offsets = vector.getOffsetBuffer().memoryAddress();
    windowStart = 0;
    windowEnd = 0;
  }

  @Override
  void add(int from, int to, long[] one, long[] two) {
    if (from == to) {
      return;
    }
    int last = MemoryUtil.getInt(offsets + 4L * to);
    int end = MemoryUtil.getInt(offsets + 4L * from);
    for (int i = from; i < to; i++) {
      int start = end;
      end = MemoryUtil.getInt(offsets + 4L * (i + 1));
      if (!isNull(i)) {
        add(start, end, last, i - from, one, two);
      }
    }
  }

  private void add(int start, int end, int last, int at, long[] one, long[] two) {
    long x = Mix.startOne(end - start) ^ key.seed();
    long y = Mix.startTwo(end - start) + key.seed();
    for (int element = start; element < end; element++) {
      if (element < windowStart || element >= windowEnd) {
        load(element, last);
      }
      long high = ones[element - windowStart];
      long low = twos[element - windowStart];
      if (ordered) {
        x = Mix.nextOne(x, high);
        y = Mix.nextTwo(y, low);
      } else {
        long entry = Mix.rowLow(high, low);
        x += Mix.rowHigh(high, low, entry);
        y += entry;
      }
    }
    one[at] += Mix.light(x) * key.one();
    two[at] += (Mix.light(y) ^ key.shift()) * key.two();
  }

  private void load(int element, int last) {
    windowStart = element;
    windowEnd = Math.min(last, element + WINDOW);
    Arrays.fill(ones, 0);
    Arrays.fill(twos, 0);
    elements.add(windowStart, windowEnd, ones, twos);
  }
}
