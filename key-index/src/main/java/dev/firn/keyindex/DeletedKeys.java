package dev.firn.keyindex;

import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;

/**
 * The keys that equality deletes on just the identifier fields name: their hashes, sorted, eight
 * bytes for each, kept within a bound. Other engines' upserts write such. Confined to one thread.
 */
final class DeletedKeys {
  private final Table table;
  private final KeyLayout layout;
  private final FileTasks tasks;
  private final KeyColumns columns;
  private final BufferAllocator allocator;
  private final Kept<long[]> kept;

  /** {@code columns} are its own from here on. */
  DeletedKeys(
      Table table,
      KeyLayout layout,
      FileTasks tasks,
      KeyColumns columns,
      BufferAllocator allocator,
      long most) {
    this.table = table;
    this.layout = layout;
    this.tasks = tasks;
    this.columns = columns;
    this.allocator = allocator;
    this.kept = new Kept<>(most);
  }

  /** Whether the file names whole keys, and not more than are kept. */
  boolean has(DeleteFile file) {
    return Set.copyOf(file.equalityFieldIds()).equals(Set.copyOf(layout.ids()))
        && kept.accepts(file.recordCount() * Long.BYTES);
  }

  /** Returns the hashes of the file's keys, sorted as signed; not to be changed. */
  long[] of(DeleteFile file) {
    long[] known = kept.get(LiveDeletes.id(file));
    if (known != null) {
      return known;
    }
    long[] hashes = read(file);
    Arrays.sort(hashes);
    kept.put(LiveDeletes.id(file), hashes, hashes.length * (long) Long.BYTES);
    return hashes;
  }

  private long[] read(DeleteFile file) {
    FileTaskReader reader = new FileTaskReader(table, layout.key(), Expressions.alwaysTrue());
    long[] hashes = new long[Math.toIntExact(file.recordCount())];
    int count = 0;
    try (BatchCursor rows = reader.openArrow(tasks.make(asData(file), List.of()), allocator)) {
      while (rows.next()) {
        int size = rows.root().getRowCount();
        columns.load(rows.root().getFieldVectors());
        long[] batch = columns.hashes(size);
        for (int i = 0; i < size; i++) {
          // Null is equal to null alone, which no key is.
          if (!columns.isNull(i)) {
            if (count == hashes.length) {
              hashes = Arrays.copyOf(hashes, 2 * count + 1);
            }
            hashes[count++] = batch[i];
          }
        }
      }
    }
    return Arrays.copyOf(hashes, count);
  }

  /** An equality delete file is made like a data file, of the columns that it is on. */
  private DataFile asData(DeleteFile file) {
    PartitionSpec spec = Specs.of(table, file);
    DataFiles.Builder builder =
        DataFiles.builder(spec)
            .withPath(file.location())
            .withFormat(file.format())
            .withFileSizeInBytes(file.fileSizeInBytes())
            .withRecordCount(file.recordCount());
    return spec.isPartitioned() ? builder.withPartition(file.partition()).build() : builder.build();
  }
}
