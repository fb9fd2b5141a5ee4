package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.CorruptPageException;
import dev.firn.format.parquet.page.PageValues;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Indices into the chunk's dictionary instead of its values, as 32-bit integers. */
final class IdSink extends LeafSink {
  private final Slab data;
  private int slots;

  IdSink(FieldVector vector, BufferAllocator allocator) {
    super(vector, allocator);
    this.data = new Slab(allocator);
  }

  @Override
  void recycle() {
    super.recycle();
    data.recycle(vector.getDataBuffer());
  }

  @Override
  void start(int room, long bytes) {
    slots = 0;
    data.ensure((long) room * Integer.BYTES, 0);
  }

  @Override
  void append(PageValues values, int count) {
    check(values);
    values.readIds(count, room(count));
    slots += count;
  }

  @Override
  void appendTaken(PageValues values, int count, int[] take, int taken) {
    check(values);
    values.readIdsTaken(count, take, taken, room(taken));
    slots += taken;
  }

  private static void check(PageValues values) {
    if (!values.isDictionary()) {
      throw new CorruptPageException(
          "the page has no dictionary indices, though the footer says that all pages have");
    }
  }

  private long room(int count) {
    long used = (long) slots * Integer.BYTES;
    return data.ensure(used + (long) count * Integer.BYTES, used).memoryAddress() + used;
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
