package dev.firn.scan.change;

import dev.firn.format.arrow.ArrowTake;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.TaskCursors;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.jspecify.annotations.Nullable;

/**
 * The rows that one state of a table has and the other may not have: of whole files, then of marked
 * rows. Confined to one thread; owns its batches.
 */
final class SideBatches implements BatchCursor {
  private final StepReader reader;
  private final BufferAllocator allocator;
  private final TaskCursors files;
  private final Iterator<MarkedRows> marked;
  private @Nullable BatchCursor file;
  private @Nullable MarkedRows rows;
  private @Nullable VectorSchemaRoot taken;

  /** Borrows {@code allocator}. */
  SideBatches(
      StepReader reader,
      List<FileScanTask> files,
      List<MarkedRows> marked,
      BufferAllocator allocator) {
    this.reader = reader;
    this.allocator = allocator;
    this.files = reader.plain().inOrder(files.iterator(), allocator);
    this.marked = marked.iterator();
  }

  @Override
  public boolean next() {
    letGo();
    while (true) {
      BatchCursor open = file;
      if (open == null) {
        open = open();
        if (open == null) {
          return false;
        }
        file = open;
      }
      if (!open.next()) {
        file = null;
        open.close();
      } else if (rows == null || take(open.root(), rows)) {
        return true;
      }
    }
  }

  private @Nullable BatchCursor open() {
    rows = null;
    BatchCursor whole = files.next();
    if (whole != null || !marked.hasNext()) {
      return whole;
    }
    MarkedRows next = marked.next();
    rows = next;
    return reader.withPosition().openArrow(next.file(), allocator);
  }

  /** Takes the marked rows of a batch; false where there are none. */
  private boolean take(VectorSchemaRoot batch, MarkedRows wanted) {
    List<FieldVector> columns = batch.getFieldVectors().subList(0, reader.width());
    BigIntVector positions = (BigIntVector) batch.getVector(reader.positionPlace());
    long[] picks = new long[batch.getRowCount()];
    int count = 0;
    for (int row = 0; row < picks.length; row++) {
      if (wanted.positions().isDeleted(positions.get(row))) {
        picks[count++] = ArrowTake.pick(0, row);
      }
    }
    if (count == 0) {
      return false;
    }
    taken =
        ArrowTake.take(List.of(Roots.of(columns, batch.getRowCount())), picks, 0, count, allocator);
    return true;
  }

  private void letGo() {
    if (taken != null) {
      taken.close();
      taken = null;
    }
  }

  @Override
  public VectorSchemaRoot root() {
    if (taken != null) {
      return taken;
    }
    if (file == null) {
      throw new IllegalStateException("there is no batch");
    }
    return file.root();
  }

  @Override
  public void close() {
    letGo();
    BatchCursor open = file;
    file = null;
    try (files) {
      if (open != null) {
        open.close();
      }
    }
  }
}
