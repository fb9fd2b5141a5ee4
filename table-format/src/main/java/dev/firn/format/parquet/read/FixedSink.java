package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.PageValues;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Values of one width, written where the vector will have them. */
final class FixedSink extends LeafSink {
  private final Slab data;
  private final int width;
  private int slots;

  FixedSink(BaseFixedWidthVector vector, BufferAllocator allocator) {
    super(vector, allocator);
    this.data = new Slab(allocator);
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
  }
}
