package dev.firn.format.parquet.read;

import java.util.List;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;

/**
 * A stored row id or sequence number, whose nulls are inherited: {@code base + step * position}.
 */
final class LineageColumn implements Column {
  private final FlatColumn stored;
  private final long base;
  private final int step;
  private long firstRow;

  LineageColumn(FlatColumn stored, long base, int step) {
    this.stored = stored;
    this.base = base;
    this.step = step;
  }

  @Override
  public FieldVector vector() {
    return stored.vector();
  }

  @Override
  public List<StoredLeaf> leaves() {
    return stored.leaves();
  }

  @Override
  public void start(GroupData group) {
    firstRow = group.firstRow();
    stored.start(group);
  }

  @Override
  public void read(long first, Selection rows) {
    stored.read(first, rows);
    long valid = vector().getValidityBufferAddress();
    long values = vector().getDataBufferAddress();
    for (int i = 0; i < rows.count(); i++) {
      if (!Bitmaps.get(valid, i)) {
        long position = firstRow + first + rows.row(i);
        MemoryUtil.putLong(values + (long) i * Long.BYTES, base + step * position);
      }
    }
    Bitmaps.fill(valid, 0, rows.count(), true);
  }

  @Override
  public void recycle() {
    stored.recycle();
  }

  @Override
  public void close() {
    stored.close();
  }
}
