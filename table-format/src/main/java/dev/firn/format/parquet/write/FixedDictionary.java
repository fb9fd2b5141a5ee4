package dev.firn.format.parquet.write;

import java.util.Arrays;
import org.apache.arrow.memory.util.MemoryUtil;

/** A dictionary of values of 4 or 8 bytes: open addressing, at most half full. */
final class FixedDictionary implements ValueDictionary {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final int LEAST = 256;

  private final int width;
  private final int limit;
  private long[] keys = new long[LEAST / 2];
  private int[] table = emptyTable(LEAST);
  private int size;

  /** {@code width} is 4 or 8; entries take at most {@code limitBytes}. */
  FixedDictionary(int width, int limitBytes) {
    this.width = width;
    this.limit = limitBytes / width;
  }

  private static int[] emptyTable(int capacity) {
    int[] table = new int[capacity];
    Arrays.fill(table, -1);
    return table;
  }

  /**
   * Writes the ids of {@code count} values to {@code ids} from {@code at}; false if the dictionary
   * would outgrow its limit.
   */
  boolean add(long values, int count, int[] ids, int at) {
    return width == 8 ? add8(values, count, ids, at) : add4(values, count, ids, at);
  }

  private boolean add8(long values, int count, int[] ids, int at) {
    int[] slots = table;
    long[] entries = keys;
    int shift = Long.numberOfLeadingZeros(slots.length) + 1;
    int mask = slots.length - 1;
    long last = 0;
    int lastId = -1;
    for (int i = 0; i < count; i++) {
      long value = MemoryUtil.getLong(values + ((long) i << 3));
      if (value != last || lastId < 0) {
        int h = (int) (value * MULTIPLIER >>> shift);
        int id = slots[h];
        while (id >= 0 && entries[id] != value) {
          h = (h + 1) & mask;
          id = slots[h];
        }
        if (id < 0) {
          id = insert(value, h);
          if (id < 0) {
            return false;
          }
          slots = table;
          entries = keys;
          shift = Long.numberOfLeadingZeros(slots.length) + 1;
          mask = slots.length - 1;
        }
        last = value;
        lastId = id;
      }
      ids[at + i] = lastId;
    }
    return true;
  }

  private boolean add4(long values, int count, int[] ids, int at) {
    int[] slots = table;
    long[] entries = keys;
    int shift = Long.numberOfLeadingZeros(slots.length) + 1;
    int mask = slots.length - 1;
    long last = 0;
    int lastId = -1;
    for (int i = 0; i < count; i++) {
      long value = MemoryUtil.getInt(values + ((long) i << 2));
      if (value != last || lastId < 0) {
        int h = (int) (value * MULTIPLIER >>> shift);
        int id = slots[h];
        while (id >= 0 && entries[id] != value) {
          h = (h + 1) & mask;
          id = slots[h];
        }
        if (id < 0) {
          id = insert(value, h);
          if (id < 0) {
            return false;
          }
          slots = table;
          entries = keys;
          shift = Long.numberOfLeadingZeros(slots.length) + 1;
          mask = slots.length - 1;
        }
        last = value;
        lastId = id;
      }
      ids[at + i] = lastId;
    }
    return true;
  }

  /** Adds a value that is not there, at its free slot; -1 if the limit is reached. */
  private int insert(long value, int slot) {
    if (size >= limit) {
      return -1;
    }
    int id = size++;
    if (id == keys.length) {
      keys = Arrays.copyOf(keys, 2 * id);
      keys[id] = value;
      rehash(4 * id);
    } else {
      keys[id] = value;
      table[slot] = id;
    }
    return id;
  }

  private void rehash(int capacity) {
    table = emptyTable(capacity);
    int shift = Long.numberOfLeadingZeros(capacity) + 1;
    for (int id = 0; id < size; id++) {
      int h = (int) (keys[id] * MULTIPLIER >>> shift);
      while (table[h] >= 0) {
        h = (h + 1) & (capacity - 1);
      }
      table[h] = id;
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public long plainBytes() {
    return (long) size * width;
  }

  @Override
  public long plainBytes(int[] ids, int count) {
    return (long) count * width;
  }

  @Override
  public void plain(int[] ids, int count, long to) {
    if (width == 8) {
      for (int i = 0; i < count; i++) {
        MemoryUtil.putLong(to + ((long) i << 3), keys[ids[i]]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        MemoryUtil.putInt(to + ((long) i << 2), (int) keys[ids[i]]);
      }
    }
  }

  @Override
  public void plainAll(long to) {
    for (int id = 0; id < size; id++) {
      if (width == 8) {
        MemoryUtil.putLong(to + ((long) id << 3), keys[id]);
      } else {
        MemoryUtil.putInt(to + ((long) id << 2), (int) keys[id]);
      }
    }
  }

  @Override
  public long heapBytes() {
    return 8L * keys.length + 4L * table.length;
  }

  @Override
  public void clear() {
    size = 0;
    if (table.length > LEAST) {
      keys = new long[LEAST / 2];
      table = emptyTable(LEAST);
    } else {
      Arrays.fill(table, -1);
    }
  }

  @Override
  public void close() {
    clear();
  }
}
