package dev.firn.compaction;

import dev.firn.compaction.plan.Clustering;
import dev.firn.compaction.plan.FileGroup;
import dev.firn.format.write.key.CurveOrder;
import dev.firn.format.write.key.RowOrder;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.TaskCursors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;

/** Learns from some of a group's rows how a curve is to be laid through them. Stateless. */
final class CurveSample {
  private static final int FILES = 16;
  private static final int ROWS_OF_A_FILE = 1 << 17;

  private CurveSample() {}

  /** Reads the columns of up to 16 files, spread over the group, up to 131,072 rows of each. */
  static RowOrder of(
      Table table, FileGroup group, Clustering.Along along, BufferAllocator allocator) {
    Schema all = table.schema();
    Schema columns = all.select(along.columns());
    CurveOrder.Sampler sampler = new CurveOrder.Sampler(along.curve(), columns, along.columns());
    List<FileScanTask> files = new ArrayList<>();
    int count = Math.min(FILES, group.sources().size());
    for (int i = 0; i < count; i++) {
      files.add(group.sources().get((int) ((long) i * group.sources().size() / count)));
    }
    FileTaskReader reader = new FileTaskReader(table, columns, Expressions.alwaysTrue());
    try (TaskCursors cursors = reader.inOrder(files.iterator(), allocator)) {
      for (int i = 0; i < files.size(); i++) {
        try (BatchCursor rows = Objects.requireNonNull(cursors.next())) {
          for (long seen = 0; seen < ROWS_OF_A_FILE && rows.next(); ) {
            sampler.add(rows.root());
            seen += rows.root().getRowCount();
          }
        }
      }
    }
    return sampler.order(all, along.columns());
  }
}
