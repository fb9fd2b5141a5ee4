package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.PageValues;
import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Values of one width, written where the vector will have them. */
final class FixedSink extends LeafSink {
  /** Below one value left out of so many, all are decoded. */
  private static final int DENSE_SHIFT = 2;

  private static final int BLOCK = 2048;

  private final Slab data;
  private final Slab scratch;
  private final int width;
  private int slots;

  FixedSink(BaseFixedWidthVector vector, BufferAllocator allocator) {
    super(vector, allocator);
    this.data = new Slab(allocator);
    this.scratch = new Slab(allocator);
    this.width = vector.getTypeWidth();
  }

  @Override
  void recycle() {
    super.recycle();
    data.recycle(vector.getDataBuffer());
  }

  @Override
  void start(int room, long bytes) {
    slots = 0;
    data.ensure((long) room * width, 0);
  }

  @Override
  void append(PageValues values, int count) {
    checkWidth(values, width);
    values.read(count, room(count));
    slots += count;
  }

  @Override
  void appendTaken(PageValues values, int count, int[] take, int taken) {
    checkWidth(values, width);
    values.readTaken(count, take, taken, room(taken));
    slots += taken;
  }

  /**
   * Where most are kept, to decode all and leave some out is cheaper than to choose in between: a
   * block at a time, that stays in the cache.
   */
  @Override
  void appendKept(PageValues values, int count, int[] take, int taken) {
    boolean dense = taken > count - (count >>> DENSE_SHIFT);
    if (!dense || (width != Integer.BYTES && width != Long.BYTES)) {
      appendTaken(values, count, take, taken);
      return;
    }
    checkWidth(values, width);
    long target = room(taken);
    long all = scratch.ensure((long) BLOCK * width, 0).memoryAddress();
    int at = 0;
    for (int from = 0; from < count; from += BLOCK) {
      int now = Math.min(BLOCK, count - from);
      values.read(now, all);
      int end = end(take, at, taken, from + now);
      if (width == Integer.BYTES) {
        compact4(all - ((long) from << 2), take, at, end, target + ((long) at << 2));
      } else {
        compact8(all - ((long) from << 3), take, at, end, target + ((long) at << 3));
      }
      at = end;
    }
    slots += taken;
  }

  /** How many of the ascending {@code take} are below {@code limit}. */
  private static int end(int[] take, int from, int taken, int limit) {
    int found = Arrays.binarySearch(take, from, taken, limit);
    return found < 0 ? -found - 1 : found;
  }

  private static void compact4(long all, int[] take, int from, int taken, long target) {
    long to = target;
    int i = from;
    for (; i < taken - 3; i += 4, to += 4 * Integer.BYTES) {
      int first = MemoryUtil.getInt(all + ((long) take[i] << 2));
      int second = MemoryUtil.getInt(all + ((long) take[i + 1] << 2));
      int third = MemoryUtil.getInt(all + ((long) take[i + 2] << 2));
      int fourth = MemoryUtil.getInt(all + ((long) take[i + 3] << 2));
      MemoryUtil.putInt(to, first);
      MemoryUtil.putInt(to + 4, second);
      MemoryUtil.putInt(to + 8, third);
      MemoryUtil.putInt(to + 12, fourth);
    }
    for (; i < taken; i++, to += Integer.BYTES) {
      MemoryUtil.putInt(to, MemoryUtil.getInt(all + ((long) take[i] << 2)));
    }
  }

  private static void compact8(long all, int[] take, int from, int taken, long target) {
    long to = target;
    int i = from;
    for (; i < taken - 3; i += 4, to += 4 * Long.BYTES) {
      long first = MemoryUtil.getLong(all + ((long) take[i] << 3));
      long second = MemoryUtil.getLong(all + ((long) take[i + 1] << 3));
      long third = MemoryUtil.getLong(all + ((long) take[i + 2] << 3));
      long fourth = MemoryUtil.getLong(all + ((long) take[i + 3] << 3));
      MemoryUtil.putLong(to, first);
      MemoryUtil.putLong(to + 8, second);
      MemoryUtil.putLong(to + 16, third);
      MemoryUtil.putLong(to + 24, fourth);
    }
    for (; i < taken; i++, to += Long.BYTES) {
      MemoryUtil.putLong(to, MemoryUtil.getLong(all + ((long) take[i] << 3)));
    }
  }

  private long room(int count) {
    long used = (long) slots * width;
    return data.ensure(used + (long) count * width, used).memoryAddress() + used;
  }

  @Override
  void load(ArrowFieldNode node, ArrowBuf valid) {
    load(node, valid, data);
  }

  @Override
  public void close() {
    super.close();
    data.close();
    scratch.close();
  }
}
