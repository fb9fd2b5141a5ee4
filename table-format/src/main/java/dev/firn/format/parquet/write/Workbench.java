package dev.firn.format.parquet.write;

import dev.firn.format.parquet.page.PageCodec;
import java.util.Arrays;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;

/**
 * What one thread needs to encode pages, whatever the column: the codec and scratch memory.
 * Confined to one thread at a time. Owns its memory.
 */
final class Workbench implements AutoCloseable {
  final PageCodec codec;
  final NativeBuffer page;
  final NativeBuffer compressed;
  final NativeBuffer values;
  final Leveler leveler = new Leveler();
  final Run run = new Run();
  final DeltaEncoder delta = new DeltaEncoder();
  final PageRange range = new PageRange();
  private int[] slots = new int[0];
  private int[] used = new int[0];
  private byte[] seen = new byte[0];

  Workbench(ParquetSettings settings, BufferAllocator allocator) {
    this.page = new NativeBuffer(allocator);
    this.compressed = new NativeBuffer(allocator);
    this.values = new NativeBuffer(allocator);
    this.codec = PageCodec.of(settings.codec(), settings.level());
  }

  /** Room for a list of {@code count} slots. */
  int[] slots(int count) {
    if (slots.length < count) {
      slots = new int[count];
    }
    return slots;
  }

  /**
   * The distinct ones of {@code count} ids below {@code size}: how many; {@link #used()} has them.
   */
  int distinct(int[] ids, int count, int size) {
    if (seen.length < size) {
      seen = new byte[size + size / 2];
    }
    byte[] marks = seen;
    // One more than there can be: the branchless list below writes before it looks.
    int most = Math.min(count, size) + 1;
    if (used.length < most) {
      used = new int[most + most / 2];
    }
    return size > count ? listed(ids, count, marks, used) : marked(ids, count, size, marks, used);
  }

  /** Of many ids a page has few: they are listed as they come. */
  private static int listed(int[] ids, int count, byte[] marks, int[] used) {
    int n = 0;
    for (int i = 0; i < count; i++) {
      int id = ids[i];
      used[n] = id;
      n += 1 - marks[id];
      marks[id] = 1;
    }
    for (int i = 0; i < n; i++) {
      marks[used[i]] = 0;
    }
    return n;
  }

  /** Of few ids a page has most: they are marked, then looked for. */
  private static int marked(int[] ids, int count, int size, byte[] marks, int[] used) {
    for (int i = 0; i < count; i++) {
      marks[ids[i]] = 1;
    }
    int n = 0;
    for (int id = 0; id < size; id++) {
      if (marks[id] != 0) {
        used[n++] = id;
      }
    }
    Arrays.fill(marks, 0, size, (byte) 0);
    return n;
  }

  /** The ids that {@link #distinct} found. */
  int[] used() {
    return used;
  }

  /** Compresses {@code length} bytes into {@link #compressed}; returns how many it became. */
  int compress(long from, int length) {
    return compress(from, length, 0, false);
  }

  /**
   * As above, the first {@code plain} bytes as they are; an empty rest stays empty. {@code lightly}
   * is for pages that do not get smaller otherwise.
   */
  int compress(long from, int length, int plain, boolean lightly) {
    int rest = length - plain;
    int room = Math.toIntExact(codec.compressBound(rest));
    long to = compressed.ensure((long) room + plain, 0);
    MemoryUtil.copyMemory(from, to, plain);
    if (rest == 0 && plain > 0) {
      return plain;
    }
    return plain
        + (lightly
            ? codec.compressLightly(from + plain, rest, to + plain, room)
            : codec.compress(from + plain, rest, to + plain, room));
  }

  long heapBytes() {
    return 4L * (slots.length + used.length) + seen.length + leveler.heapBytes();
  }

  /** Lets go of all scratch memory; it comes back as it is needed. */
  void release() {
    page.close();
    compressed.close();
    values.close();
    slots = new int[0];
    used = new int[0];
    seen = new byte[0];
  }

  @Override
  public void close() {
    page.close();
    compressed.close();
    values.close();
    codec.close();
  }
}
