package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.PageValues;
import dev.firn.format.parquet.page.VarBuffers;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** Values of variable length. */
final class VarSink extends LeafSink {
  /** What a footer says of sizes is believed up to here; more memory is taken as values come. */
  private static final long LARGEST_START = 64L << 20;

  private final VarBuffers values;

  VarSink(FieldVector vector, BufferAllocator allocator) {
    super(vector, allocator);
    this.values = new VarBuffers(allocator);
  }

  @Override
  void start(int slots, long bytes) {
    values.start(slots, Math.min(bytes, LARGEST_START));
  }

  @Override
  void append(PageValues source, int count) {
    source.read(count, values);
  }

  @Override
  void appendTaken(PageValues source, int count, int[] take, int taken) {
    source.readTaken(count, take, taken, values);
  }

  @Override
  void load(ArrowFieldNode node, ArrowBuf valid) {
    try (ArrowBuf offsets = values.offsets();
        ArrowBuf data = values.data()) {
      vector.loadFieldBuffers(node, List.of(valid, offsets, data));
    }
  }

  @Override
  public void close() {
    super.close();
    values.close();
  }
}
