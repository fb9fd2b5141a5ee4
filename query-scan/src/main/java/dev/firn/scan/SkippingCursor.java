package dev.firn.scan;

import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** Batches without their first rows. Owns what it reads from. Confined to one thread. */
final class SkippingCursor implements BatchCursor {
  private final BatchCursor source;
  private long skip;
  private @Nullable VectorSchemaRoot tail;

  SkippingCursor(BatchCursor source, long skip) {
    this.source = source;
    this.skip = skip;
  }

  @Override
  public boolean next() {
    closeTail();
    while (source.next()) {
      int rows = source.root().getRowCount();
      if (skip < rows) {
        if (skip > 0) {
          tail = BatchSlice.of(source.root(), (int) skip, rows - (int) skip);
          skip = 0;
        }
        return true;
      }
      skip -= rows;
    }
    return false;
  }

  @Override
  public VectorSchemaRoot root() {
    VectorSchemaRoot rest = tail;
    return rest == null ? source.root() : rest;
  }

  private void closeTail() {
    if (tail != null) {
      tail.close();
      tail = null;
    }
  }

  @Override
  public void close() {
    closeTail();
    source.close();
  }
}
