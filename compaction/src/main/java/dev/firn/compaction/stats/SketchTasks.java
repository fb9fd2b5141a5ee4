package dev.firn.compaction.stats;

import dev.firn.scan.BatchCursor;
import dev.firn.scan.Decoding;
import dev.firn.scan.FileTaskReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;

/** A task for each data file of a snapshot: its live rows into sketches of its own. */
final class SketchTasks implements Iterator<Runnable>, AutoCloseable {
  private final CloseableIterable<FileScanTask> files;
  private final Iterator<FileScanTask> next;
  private final FileTaskReader reader;
  private final Schema columns;
  private final Sketches sketches;
  private final BufferAllocator allocator;
  private final Runnable eachBatch;

  private SketchTasks(
      CloseableIterable<FileScanTask> files,
      FileTaskReader reader,
      Schema columns,
      Sketches sketches,
      BufferAllocator allocator,
      Runnable eachBatch) {
    this.files = files;
    this.next = files.iterator();
    this.reader = reader;
    this.columns = columns;
    this.sketches = sketches;
    this.allocator = allocator;
    this.eachBatch = eachBatch;
  }

  static SketchTasks of(
      Table table,
      Snapshot snapshot,
      Schema schema,
      Sketches sketches,
      BufferAllocator allocator,
      Runnable eachBatch) {
    Set<Integer> ids = new HashSet<>();
    for (NestedField field : sketches.fields()) {
      ids.add(field.fieldId());
    }
    Schema columns = TypeUtil.select(schema, ids);
    return new SketchTasks(
        table.newScan().useSnapshot(snapshot.snapshotId()).planFiles(),
        new FileTaskReader(table, schema, columns, Expressions.alwaysTrue(), Decoding.INLINE),
        columns,
        sketches,
        allocator,
        eachBatch);
  }

  @Override
  public boolean hasNext() {
    return next.hasNext();
  }

  @Override
  public Runnable next() {
    FileScanTask file = next.next();
    return () -> count(file);
  }

  private void count(FileScanTask file) {
    List<ValueSketch> part = ValueSketch.of(columns, sketches.fields());
    try (BatchCursor batches = reader.openArrow(file, allocator)) {
      while (batches.next()) {
        part.forEach(each -> each.add(batches.root()));
        sketches.read(batches.root().getRowCount());
        eachBatch.run();
      }
    }
    sketches.add(part);
  }

  @Override
  public void close() {
    try {
      files.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
