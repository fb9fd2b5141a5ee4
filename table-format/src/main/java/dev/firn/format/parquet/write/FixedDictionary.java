package dev.firn.format.parquet.write;

import java.util.Arrays;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * A dictionary of values of 4 or 8 bytes.
 *
 * <p>How it works: values near those of the first call are found by their distance from the least
 * of them, in a window; all others by open addressing, at most half full, and an eighth while the
 * table is small, so that two seldom meet and branches are foreseen. Where there come to be so many
 * that a window over all of them is about as large as the table, it takes the table's place: memory
 * is asked once for a value then, not twice.
 */
public final class FixedDictionary implements ValueDictionary {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final int LEAST = 256;
  private static final int WIDEST = 1 << 16;
  private static final int SMALL = 1 << 12;

  private final int width;
  private final int limit;
  private long[] keys = new long[LEAST / 2];
  private int[] table = emptyTable(LEAST);
  private int[] window = new int[0];
  private long windowStart;
  private int size;

  /** {@code width} is 4 or 8; entries take at most {@code limitBytes}. */
  public FixedDictionary(int width, int limitBytes) {
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
  public boolean add(long values, int count, int[] ids, int at) {
    if (size == 0) {
      open(values, count);
    }
    return width == 8 ? add8(values, count, ids, at) : add4(values, count, ids, at);
  }

  /** Opens a window over the values, if they are so near to each other that it is small. */
  private void open(long values, int count) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int i = 0; i < count; i++) {
      long value =
          width == 8
              ? MemoryUtil.getLong(values + ((long) i << 3))
              : MemoryUtil.getInt(values + ((long) i << 2));
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    window = new int[0];
    cover(min, max, Math.min(WIDEST, 4L * count));
  }

  /** Opens a window from {@code min} to {@code max}, unless that is {@code most} or more. */
  private boolean cover(long min, long max, long most) {
    long range = max - min;
    if (range < 0 || range >= most) {
      return false;
    }
    // A margin, since the values to come are seldom all between those there are.
    int margin = (int) range / 8 + 1;
    windowStart = min - margin;
    window = emptyTable((int) range + 1 + 2 * margin);
    return true;
  }

  private boolean add8(long values, int count, int[] ids, int at) {
    int[] near = window;
    long start = windowStart;
    long last = 0;
    int lastId = -1;
    for (int i = 0; i < count; i++) {
      long value = MemoryUtil.getLong(values + ((long) i << 3));
      if (value != last || lastId < 0) {
        long distance = value - start;
        int id = distance >= 0 && distance < near.length ? near[(int) distance] : find(value);
        if (id < 0) {
          id = insert(value);
          if (id < 0) {
            return false;
          }
          near = window;
          start = windowStart;
        }
        last = value;
        lastId = id;
      }
      ids[at + i] = lastId;
    }
    return true;
  }

  private boolean add4(long values, int count, int[] ids, int at) {
    int[] near = window;
    long start = windowStart;
    int last = 0;
    int lastId = -1;
    for (int i = 0; i < count; i++) {
      int value = MemoryUtil.getInt(values + ((long) i << 2));
      if (value != last || lastId < 0) {
        long distance = value - start;
        int id = distance >= 0 && distance < near.length ? near[(int) distance] : find(value);
        if (id < 0) {
          id = insert(value);
          if (id < 0) {
            return false;
          }
          near = window;
          start = windowStart;
        }
        last = value;
        lastId = id;
      }
      ids[at + i] = lastId;
    }
    return true;
  }

  /** The id of a value outside the window; -1 if it has none. */
  private int find(long value) {
    int[] places = table;
    int h = place(value, places.length);
    int id = places[h];
    while (id >= 0 && keys[id] != value) {
      h = (h + 1) & (places.length - 1);
      id = places[h];
    }
    return id;
  }

  private static int place(long value, int capacity) {
    return (int) (value * MULTIPLIER >>> Long.numberOfLeadingZeros(capacity) + 1);
  }

  /** Adds a value that is not there; -1 if the limit is reached. */
  private int insert(long value) {
    if (size >= limit) {
      return -1;
    }
    int id = size++;
    if (id == keys.length) {
      keys = Arrays.copyOf(keys, 2 * id);
    }
    keys[id] = value;
    long distance = value - windowStart;
    if (distance >= 0 && distance < window.length) {
      window[(int) distance] = id;
    } else if (size > table.length >> (table.length < SMALL ? 3 : 1)) {
      grow();
    } else {
      put(id);
    }
    return id;
  }

  /** Makes room in a larger table, or a window over all values. */
  private void grow() {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int id = 0; id < size; id++) {
      min = Math.min(min, keys[id]);
      max = Math.max(max, keys[id]);
    }
    if (cover(min, max, table.length)) {
      table = emptyTable(LEAST);
      for (int id = 0; id < size; id++) {
        window[(int) (keys[id] - windowStart)] = id;
      }
    } else {
      rehash((table.length < SMALL ? 16 : 4) * Integer.highestOneBit(size));
    }
  }

  private void rehash(int capacity) {
    table = emptyTable(capacity);
    for (int id = 0; id < size; id++) {
      put(id);
    }
  }

  // The window's values are put here too, where nothing looks for them.
  private void put(int id) {
    int h = place(keys[id], table.length);
    while (table[h] >= 0) {
      h = (h + 1) & (table.length - 1);
    }
    table[h] = id;
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
    return 8L * keys.length + 4L * (table.length + window.length);
  }

  @Override
  public void clear() {
    size = 0;
    window = new int[0];
    if (keys.length > LEAST / 2) {
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
