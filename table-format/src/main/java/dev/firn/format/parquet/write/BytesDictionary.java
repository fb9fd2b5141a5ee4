package dev.firn.format.parquet.write;

import java.util.Arrays;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/** A dictionary of byte strings, its entries kept as the PLAIN dictionary page. */
final class BytesDictionary implements ValueDictionary {
  private static final int LEAST = 256;

  private final NativeBuffer page;
  private final int prefix;
  private final int limit;
  private long[] heads = new long[LEAST / 2];
  private int[] hashes = new int[LEAST / 2];
  // Where each value starts, and one more: where the next would.
  private int[] starts = new int[LEAST / 2 + 1];
  private int[] table = new int[LEAST];
  private int size;

  /**
   * {@code fixed}: values of one length, which stand in the page without their length. Entries take
   * at most {@code limitBytes}.
   */
  BytesDictionary(boolean fixed, int limitBytes, BufferAllocator allocator) {
    this.page = new NativeBuffer(allocator);
    this.prefix = fixed ? 0 : Integer.BYTES;
    this.limit = limitBytes;
    Arrays.fill(table, -1);
    starts[0] = prefix;
  }

  /**
   * Adds {@code count} values of {@code width} bytes, one after the other; false as {@link #add}.
   */
  boolean addFixed(long values, int width, int count, int[] ids, int at) {
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
   * Writes the ids of the run's values to {@code ids} from {@code at}; false if the dictionary
   * would outgrow its limit.
   */
  boolean add(BinarySource source, Run run, int[] ids, int at) {
    int[] slots = run.slots();
    int first = run.first();
    int count = run.count();
    long offsets = source.offsets();
    long data = source.data();
    long end = source.end();
    for (int i = 0; i < count; i++) {
      long slot = slots == null ? first + i : slots[i];
      int start = MemoryUtil.getInt(offsets + (slot << 2));
      int length = MemoryUtil.getInt(offsets + (slot << 2) + 4) - start;
      int id = id(data + start, length, end);
      if (id < 0) {
        return false;
      }
      ids[at + i] = id;
    }
    return true;
  }

  private int id(long address, int length, long end) {
    long head = Words.head(address, length, end);
    int hash = Words.hash(address, length, head);
    int mask = table.length - 1;
    int h = hash & mask;
    int id = table[h];
    while (id >= 0 && !(hashes[id] == hash && heads[id] == head && same(id, address, length))) {
      h = (h + 1) & mask;
      id = table[h];
    }
    return id >= 0 ? id : insert(address, length, end, head, hash, h);
  }

  private boolean same(int id, long address, int length) {
    int start = starts[id];
    return starts[id + 1] - prefix - start == length
        && (length <= 8 || Words.sameTail(page.address() + start, address, length));
  }

  private int insert(long address, int length, long end, long head, int hash, int slot) {
    long start = starts[size];
    if (start + length > limit) {
      return -1;
    }
    int id = size++;
    boolean grown = id == heads.length;
    if (grown) {
      grow(2 * id);
    }
    long to = page.ensure(start + length + prefix, start) + start;
    if (prefix > 0) {
      MemoryUtil.putInt(to - prefix, length);
    }
    Words.copy(address, to, length, end);
    heads[id] = head;
    hashes[id] = hash;
    starts[id + 1] = (int) start + length + prefix;
    if (grown) {
      place(id);
    } else {
      table[slot] = id;
    }
    return id;
  }

  private void place(int id) {
    int mask = table.length - 1;
    int h = hashes[id] & mask;
    while (table[h] >= 0) {
      h = (h + 1) & mask;
    }
    table[h] = id;
  }

  private void grow(int entries) {
    heads = Arrays.copyOf(heads, entries);
    hashes = Arrays.copyOf(hashes, entries);
    starts = Arrays.copyOf(starts, entries + 1);
    table = new int[2 * entries];
    Arrays.fill(table, -1);
    for (int id = 0; id < entries / 2; id++) {
      place(id);
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public long plainBytes() {
    return starts[size] - prefix;
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
    return 16L * heads.length + 4L * table.length;
  }

  @Override
  public void clear() {
    size = 0;
    page.close();
    if (table.length > LEAST) {
      heads = new long[LEAST / 2];
      hashes = new int[LEAST / 2];
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
