package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.PageValues;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Values of one width, written where the vector will have them. */
final class FixedSink extends LeafSink {
  /** Below one value left out of so many, all are decoded. */
  private static final int DENSE_SHIFT = 2;

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
    long target = room(taken);
    if (width <= Long.BYTES && taken > count - (count >>> DENSE_SHIFT)) {
      compact(values, count, take, taken, target);
    } else {
      values.readTaken(count, take, taken, target);
    }
    slots += taken;
  }

  /** Where most are kept, to decode all and leave some out is cheaper than to choose in between. */
  private void compact(PageValues values, int count, int[] take, int taken, long target) {
    long all = scratch.ensure((count + 1L) * width, 0).memoryAddress();
    values.read(count, all);
    MemoryUtil.setMemory(all + (long) count * width, width, (byte) 0); // the null slot
    switch (width) {
      case Integer.BYTES -> compact4(all, take, taken, target);
      case Long.BYTES -> compact8(all, take, taken, target);
      default -> {
        for (int i = 0; i < taken; i++) {
          MemoryUtil.copyMemory(all + (long) width * take[i], target + (long) width * i, width);
        }
      }
    }
  }

  private static void compact4(long all, int[] take, int taken, long target) {
    long to = target;
    int i = 0;
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

  private static void compact8(long all, int[] take, int taken, long target) {
    long to = target;
    int i = 0;
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
