package dev.firn.format.parquet.write;

import java.util.Arrays;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * A dictionary of byte strings, its entries kept as the PLAIN dictionary page.
 *
 * <p>How it works: a value of up to 7 bytes is a key of one word, its length in the highest byte,
 * so that equal keys are equal values. A longer one's key is a hash with the highest bit set, and
 * its bytes are compared. Keys are found by open addressing, at most half full.
 */
public final class BytesDictionary implements ValueDictionary {
  private static final int LEAST = 256;
  private static final int SHORT = 7;
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final NativeBuffer page;
  private final int prefix;
  private final int limit;
  private long[] keys = new long[LEAST / 2];
  // Where each value starts, and one more: where the next would.
  private int[] starts = new int[LEAST / 2 + 1];
  private int[] table = new int[LEAST];
  private int size;

  /**
   * {@code fixed}: values of one length, which stand in the page without their length. Entries take
   * at most {@code limitBytes}.
   */
  public BytesDictionary(boolean fixed, int limitBytes, BufferAllocator allocator) {
    this.page = new NativeBuffer(allocator);
    this.prefix = fixed ? 0 : Integer.BYTES;
    this.limit = limitBytes;
    Arrays.fill(table, -1);
    starts[0] = prefix;
  }

  /**
   * Writes the ids of {@code count} values of {@code width} bytes, one after the other, to {@code
   * ids} from {@code at}; false if the dictionary would outgrow its limit.
   */
  public boolean addFixed(long values, int width, int count, int[] ids, int at) {
    long end = values + (long) width * count;
    for (int i = 0; i < count; i++) {
      int id = id(values + (long) width * i, width, end);
      if (id < 0) {
        return false;
      }
      ids[at + i] = id;
    }
    return true;
  }

  /**
   * As {@link #addFixed}, for values encoded PLAIN, each behind its length, which end at {@code
   * end}: that they do is the caller's to have checked.
   */
  public boolean addPlain(long values, long end, int count, int[] ids) {
    long at = values;
    for (int i = 0; i < count; i++) {
      int length = MemoryUtil.getInt(at);
      int id = id(at + Integer.BYTES, length, end);
      if (id < 0) {
        return false;
      }
      ids[i] = id;
      at += Integer.BYTES + length;
    }
    return true;
  }

  /** As {@link #addFixed}, for the values of a run. */
  boolean add(BinarySource source, Run run, int[] ids, int at) {
    int[] slots = run.slots();
    int count = run.count();
    long end = source.end();
    if (slots == null) {
      long offsets = source.offsets() + 4L * run.first();
      int start = MemoryUtil.getInt(offsets);
      for (int i = 0; i < count; i++) {
        int next = MemoryUtil.getInt(offsets + 4L * i + 4);
        int id = id(source.data() + start, next - start, end);
        if (id < 0) {
          return false;
        }
        ids[at + i] = id;
        start = next;
      }
      return true;
    }
    for (int i = 0; i < count; i++) {
      int start = source.start(slots[i]);
      int id = id(source.data() + start, source.start(slots[i] + 1) - start, end);
      if (id < 0) {
        return false;
      }
      ids[at + i] = id;
    }
    return true;
  }

  private int id(long address, int length, long end) {
    return length <= SHORT ? shortId(address, length, end) : longId(address, length, end);
  }

  private int shortId(long address, int length, long end) {
    long key = Words.head(address, length, end) | (long) length << 56;
    int[] places = table;
    int h = place(key, places.length);
    int id = places[h];
    while (id >= 0 && keys[id] != key) {
      h = (h + 1) & (places.length - 1);
      id = places[h];
    }
    return id >= 0 ? id : insert(address, length, end, key, h);
  }

  private int longId(long address, int length, long end) {
    long key = Words.hash(address, length) | Long.MIN_VALUE;
    int[] places = table;
    int h = place(key, places.length);
    int id = places[h];
    while (id >= 0 && !(keys[id] == key && same(id, address, length))) {
      h = (h + 1) & (places.length - 1);
      id = places[h];
    }
    return id >= 0 ? id : insert(address, length, end, key, h);
  }

  private static int place(long key, int capacity) {
    return (int) (key * MULTIPLIER >>> Long.numberOfLeadingZeros(capacity) + 1);
  }

  private boolean same(int id, long address, int length) {
    int start = starts[id];
    return starts[id + 1] - prefix - start == length
        && Words.same(page.address() + start, address, length);
  }

  private int insert(long address, int length, long end, long key, int place) {
    long start = starts[size];
    if (start + length > limit) {
      return -1;
    }
    int id = size++;
    long to = page.ensure(start + length + prefix, start) + start;
    if (prefix > 0) {
      MemoryUtil.putInt(to - prefix, length);
    }
    Words.copy(address, to, length, end);
    if (id == keys.length) {
      grow(2 * id);
    }
    starts[id + 1] = (int) start + length + prefix;
    keys[id] = key;
    if (2 * size > table.length) {
      rehash(2 * table.length);
    } else {
      table[place] = id;
    }
    return id;
  }

  private void grow(int entries) {
    keys = Arrays.copyOf(keys, entries);
    starts = Arrays.copyOf(starts, entries + 1);
  }

  private void rehash(int capacity) {
    table = new int[capacity];
    Arrays.fill(table, -1);
    for (int id = 0; id < size; id++) {
      int h = place(keys[id], capacity);
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
    return (long) starts[size] - prefix;
  }

  @Override
  public long plainBytes(int[] ids, int count) {
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      bytes += starts[ids[i] + 1] - starts[ids[i]];
    }
    return bytes;
  }

  @Override
  public void plain(int[] ids, int count, long to) {
    long from = page.address();
    long end = from + page.capacity();
    long at = to;
    for (int i = 0; i < count; i++) {
      int start = starts[ids[i]] - prefix;
      int length = starts[ids[i] + 1] - prefix - start;
      Words.copy(from + start, at, length, end);
      at += length;
    }
  }

  @Override
  public void plainAll(long to) {
    MemoryUtil.copyMemory(page.address(), to, plainBytes());
  }

  @Override
  public long heapBytes() {
    return 12L * keys.length + 4L * table.length;
  }

  @Override
  public void clear() {
    size = 0;
    page.close();
    if (table.length > LEAST) {
      keys = new long[LEAST / 2];
      starts = new int[LEAST / 2 + 1];
      table = new int[LEAST];
      starts[0] = prefix;
    }
    Arrays.fill(table, -1);
  }

  @Override
  public void close() {
    page.close();
  }
}
