package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.PageValues;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Booleans: they come as bytes, and are packed at the end. */
final class BitSink extends LeafSink {
  private final Slab bytes;
  private final Slab bits;
  private int slots;

  BitSink(FieldVector vector, BufferAllocator allocator) {
    super(vector, allocator);
    this.bytes = new Slab(allocator);
    this.bits = new Slab(allocator);
  }

  @Override
  void recycle() {
    super.recycle();
    bits.recycle(vector.getDataBuffer());
  }

  @Override
  void start(int room, long size) {
    slots = 0;
    bytes.ensure(room, 0);
  }

  @Override
  void append(PageValues values, int count) {
    checkWidth(values, 1);
    values.read(count, room(count));
    slots += count;
  }

  @Override
  void appendTaken(PageValues values, int count, int[] take, int taken) {
    checkWidth(values, 1);
    values.readTaken(count, take, taken, room(taken));
    slots += taken;
  }

  private long room(int count) {
    return bytes.ensure((long) slots + count, slots).memoryAddress() + slots;
  }

  @Override
  void load(ArrowFieldNode node, ArrowBuf valid) {
    long target = bits.ensure(Bitmaps.bytes(slots), 0).memoryAddress();
    Bitmaps.pack(bytes.buffer().memoryAddress(), target, slots);
    load(node, valid, bits);
  }

  @Override
  public void close() {
    super.close();
    bytes.close();
    bits.close();
  }
}
