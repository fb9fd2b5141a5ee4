package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.PageValues;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/**
 * The vector that the values of one column go to, slot by slot. A builder: {@link #start}, appends,
 * {@link #finish}. Owns the memory between start and finish; the vector owns it afterwards.
 */
abstract sealed class LeafSink implements AutoCloseable
    permits FixedSink, BitSink, VarSink, IdSink {
  final FieldVector vector;
  private final Slab validity;

  LeafSink(FieldVector vector, BufferAllocator allocator) {
    this.vector = vector;
    this.validity = new Slab(allocator);
  }

  static LeafSink of(FieldVector vector, BufferAllocator allocator) {
    if (vector instanceof BitVector) {
      return new BitSink(vector, allocator);
    }
    return vector instanceof BaseFixedWidthVector fixed
        ? new FixedSink(fixed, allocator)
        : new VarSink(vector, allocator);
  }

  /** Takes the vector's memory back, before it is cleared. */
  void recycle() {
    validity.recycle(vector.getValidityBuffer());
  }

  /** Starts afresh with room for {@code slots} slots, of about {@code bytes} bytes together. */
  abstract void start(int slots, long bytes);

  /** The validity bitmap with room for {@code slots} slots, the first {@code kept} unchanged. */
  final long validity(int slots, int kept) {
    return validity.ensure(Bitmaps.bytes(slots), Bitmaps.bytes(kept)).memoryAddress();
  }

  /** Appends the next {@code count} values. */
  abstract void append(PageValues values, int count);

  /** Consumes the next {@code count} values and appends those of {@code take}. */
  abstract void appendTaken(PageValues values, int count, int[] take, int taken);

  /** Native memory is written by the width of the values. */
  static void checkWidth(PageValues values, int width) {
    if (values.width() != width) {
      throw new IllegalStateException(
          "values of %d bytes for slots of %d".formatted(values.width(), width));
    }
  }

  /** As {@link #appendTaken} where no slot is null. */
  void appendKept(PageValues values, int count, int[] take, int taken) {
    appendTaken(values, count, take, taken);
  }

  /** Loads what was appended into the vector, with the validity bitmap. */
  final void finish(int slots) {
    ArrowBuf valid = validity.buffer();
    load(new ArrowFieldNode(slots, -1), valid);
    validity.close();
  }

  abstract void load(ArrowFieldNode node, ArrowBuf valid);

  final void load(ArrowFieldNode node, ArrowBuf valid, Slab data) {
    vector.loadFieldBuffers(node, List.of(valid, data.buffer()));
    data.close();
  }

  @Override
  public void close() {
    validity.close();
  }
}
