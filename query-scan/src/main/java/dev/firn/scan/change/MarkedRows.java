package dev.firn.scan.change;

import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Some rows of one data file, by position. Holds about two bytes per row, or a bit per row of the
 * file where they are many.
 *
 * @param file the file, without deletes
 */
record MarkedRows(FileScanTask file, PositionDeleteIndex positions) {
  boolean isEmpty() {
    return positions.isEmpty();
  }

  /** The rows that one state of a file has and the other has not. */
  record Pair(MarkedRows deleted, MarkedRows restored) {}

  /**
   * Compares the live positions of a file under two sets of deletes; of the file itself only the
   * columns are read that equality deletes look at.
   */
  static Pair of(Table table, FileChanges.Marked marked, FileDiff diff, BufferAllocator allocator) {
    FileTaskReader reader =
        new FileTaskReader(
            table, new Schema(MetadataColumns.ROW_POSITION), Expressions.alwaysTrue());
    PositionDeleteIndex deleted = Deletes.toPositionIndex(CloseableIterable.empty());
    PositionDeleteIndex restored = Deletes.toPositionIndex(CloseableIterable.empty());
    try (Live before = new Live(reader.openArrow(marked.before(), allocator));
        Live after = new Live(reader.openArrow(marked.after(), allocator))) {
      while (!before.ended() || !after.ended()) {
        if (before.position() < after.position()) {
          deleted.delete(before.position());
          before.advance();
        } else if (after.position() < before.position()) {
          restored.delete(after.position());
          after.advance();
        } else {
          before.advance();
          after.advance();
        }
      }
    }
    FileScanTask old = diff.withoutDeletes(marked.before().file());
    FileScanTask current = diff.withoutDeletes(marked.after().file());
    return new Pair(new MarkedRows(old, deleted), new MarkedRows(current, restored));
  }

  /** A cursor over ascending positions; past the end, the position is beyond all others. */
  private static final class Live implements AutoCloseable {
    private final BatchCursor batches;
    private int row = -1;
    private int rows;
    private long position = -1;

    Live(BatchCursor batches) {
      this.batches = batches;
      advance();
    }

    boolean ended() {
      return position == Long.MAX_VALUE;
    }

    long position() {
      return position;
    }

    void advance() {
      row++;
      if (row >= rows) {
        if (!batches.next()) {
          position = Long.MAX_VALUE;
          rows = 0;
          return;
        }
        row = 0;
        rows = batches.root().getRowCount();
      }
      position = ((BigIntVector) batches.root().getVector(0)).get(row);
    }

    @Override
    public void close() {
      batches.close();
    }
  }
}
