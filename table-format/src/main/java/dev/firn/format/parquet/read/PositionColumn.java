package dev.firn.format.parquet.read;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/** A number that grows with the row's position in the file: the position itself, or a row id. */
final class PositionColumn implements Column {
  private final FieldVector vector;
  private final long base;
  private final Slab validity;
  private final Slab data;
  private long firstRow;

  PositionColumn(long base, FieldVector vector, BufferAllocator allocator) {
    this.base = base;
    this.vector = vector;
    this.validity = new Slab(allocator);
    this.data = new Slab(allocator);
  }

  @Override
  public FieldVector vector() {
    return vector;
  }

  @Override
  public List<StoredLeaf> leaves() {
    return List.of();
  }

  @Override
  public void start(GroupData group) {
    firstRow = group.firstRow();
  }

  @Override
  public void read(long first, Selection rows) {
    int count = rows.count();
    ArrowBuf valid = validity.ensure(Bitmaps.bytes(count), 0);
    Bitmaps.fill(valid.memoryAddress(), 0, count, true);
    ArrowBuf values = data.ensure((long) count * Long.BYTES, 0);
    long address = values.memoryAddress();
    long start = base + firstRow + first;
    for (int i = 0; i < count; i++) {
      MemoryUtil.putLong(address + (long) i * Long.BYTES, start + rows.row(i));
    }
    vector.loadFieldBuffers(new ArrowFieldNode(count, 0), List.of(valid, values));
    validity.close();
    data.close();
  }

  @Override
  public void recycle() {
    validity.recycle(vector.getValidityBuffer());
    data.recycle(vector.getDataBuffer());
    vector.clear();
  }

  @Override
  public void close() {
    validity.close();
    data.close();
  }
}
