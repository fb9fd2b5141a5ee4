package dev.firn.scan.change;

import dev.firn.scan.BatchCursor;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.ChangelogOperation;
import org.jspecify.annotations.Nullable;

/** Rows that all were inserted, or all deleted. Owns the rows. Confined to one thread. */
final class PlainBatches implements BatchCursor {
  private final BatchCursor rows;
  private final ChangeStep step;
  private final ChangelogOperation type;
  private final BufferAllocator allocator;
  private List<FieldVector> changes = List.of();
  private @Nullable VectorSchemaRoot root;

  PlainBatches(
      BatchCursor rows, ChangeStep step, ChangelogOperation type, BufferAllocator allocator) {
    this.rows = rows;
    this.step = step;
    this.type = type;
    this.allocator = allocator;
  }

  @Override
  public boolean next() {
    letGo();
    if (!rows.next()) {
      return false;
    }
    VectorSchemaRoot batch = rows.root();
    changes = ChangeColumns.vectors(step, batch.getRowCount(), row -> type, allocator);
    List<FieldVector> all = new ArrayList<>(batch.getFieldVectors());
    all.addAll(changes);
    root = Roots.of(all, batch.getRowCount());
    return true;
  }

  @Override
  public VectorSchemaRoot root() {
    if (root == null) {
      throw new IllegalStateException("there is no batch");
    }
    return root;
  }

  /** The rows' vectors are theirs. */
  private void letGo() {
    changes.forEach(FieldVector::close);
    changes = List.of();
    root = null;
  }

  @Override
  public void close() {
    letGo();
    rows.close();
  }
}
