package dev.firn.compaction.commit;

import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;

/**
 * Finds the rows that equality deletes name, by reading a data file's positions with the deletes
 * applied. Holds one bit for each row of one file. Confined to one thread; borrows the allocator.
 */
final class EqualityHits {
  private final FileTaskReader positions;
  private final BufferAllocator allocator;

  EqualityHits(Table table, BufferAllocator allocator) {
    this.positions =
        new FileTaskReader(
            table, new Schema(MetadataColumns.ROW_POSITION), Expressions.alwaysTrue());
    this.allocator = allocator;
  }

  /** Tells the positions of the rows of a file that {@code deletes} name, in order. */
  void forEach(FileScanTask source, List<DeleteFile> deletes, LongConsumer each) {
    int rows = Math.toIntExact(source.file().recordCount());
    BitSet left = new BitSet(rows);
    FileScanTask task = new ChosenDeletes(source.file(), source.spec(), deletes);
    try (BatchCursor cursor = positions.openArrow(task, allocator)) {
      while (cursor.next()) {
        BigIntVector batch = (BigIntVector) cursor.root().getVector(0);
        for (int i = 0; i < batch.getValueCount(); i++) {
          left.set(Math.toIntExact(batch.get(i)));
        }
      }
    }
    for (int row = left.nextClearBit(0); row < rows; row = left.nextClearBit(row + 1)) {
      each.accept(row);
    }
  }
}
