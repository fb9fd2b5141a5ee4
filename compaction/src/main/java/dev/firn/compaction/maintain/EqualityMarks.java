package dev.firn.compaction.maintain;

import dev.firn.compaction.commit.ChosenDeletes;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/**
 * The rows that equality deletes take, of the data files that were asked for. Mutable; confined to
 * one thread. Remembers them, as compressed bitmaps, so that who has to look again at a table reads
 * only what changed; while a file is read it holds one bit for each of its rows.
 *
 * <p>How it works: a file is read with its deletes and without those by equality, positions and
 * what the deletes name only.
 */
public final class EqualityMarks {
  private final Map<String, Marks> known = new HashMap<>();

  /** Rows of one file, and the deletes that take them. */
  private record Marks(Set<String> deletes, PositionDeleteIndex rows) {}

  /** Whether there are equality deletes among those of the task. */
  public static boolean concern(FileScanTask task) {
    return task.deletes().stream().anyMatch(file -> file.content() == FileContent.EQUALITY_DELETES);
  }

  /**
   * Returns the rows that the task's equality deletes take and its deletes by position do not; such
   * as were taken by position only since they were first asked for may be among them.
   */
  public PositionDeleteIndex of(Table table, FileScanTask task, BufferAllocator allocator) {
    Set<String> deletes = new HashSet<>();
    for (DeleteFile file : task.deletes()) {
      if (file.content() == FileContent.EQUALITY_DELETES) {
        deletes.add(file.location());
      }
    }
    Marks marks = known.get(task.file().location());
    if (marks == null || !marks.deletes().equals(deletes)) {
      marks = new Marks(deletes, read(table, task, allocator));
      known.put(task.file().location(), marks);
    }
    return marks.rows();
  }

  private static PositionDeleteIndex read(
      Table table, FileScanTask task, BufferAllocator allocator) {
    FileTaskReader positions =
        new FileTaskReader(
            table, new Schema(MetadataColumns.ROW_POSITION), Expressions.alwaysTrue());
    BitSet live = new BitSet(Math.toIntExact(task.file().recordCount()));
    forEach(positions.openArrow(task, allocator), position -> live.set(Math.toIntExact(position)));
    PositionDeleteIndex taken = Deletes.toPositionIndex(CloseableIterable.empty());
    forEach(
        positions.openArrow(
            new ChosenDeletes(task.file(), task.spec(), byPosition(task)), allocator),
        position -> {
          if (!live.get(Math.toIntExact(position))) {
            taken.delete(position);
          }
        });
    return taken;
  }

  private static List<DeleteFile> byPosition(FileScanTask task) {
    return task.deletes().stream()
        .filter(file -> file.content() == FileContent.POSITION_DELETES)
        .toList();
  }

  private static void forEach(BatchCursor rows, LongConsumer each) {
    try (rows) {
      while (rows.next()) {
        BigIntVector batch = (BigIntVector) rows.root().getVector(0);
        for (int i = 0; i < batch.getValueCount(); i++) {
          each.accept(batch.get(i));
        }
      }
    }
  }
}
