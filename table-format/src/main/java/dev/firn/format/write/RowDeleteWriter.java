package dev.firn.format.write;

import java.util.List;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;

/**
 * A writer of row deletes by position: position delete files (one per data file) on v2 tables,
 * deletion vectors merged with those already there on v3. Confined to one thread. SKELETON.
 */
public final class RowDeleteWriter implements AutoCloseable {
  /**
   * Delete files to add, older ones they supersede, and the paths of the data files they refer to.
   */
  public record Result(
      List<DeleteFile> added, List<DeleteFile> superseded, List<String> referencedDataFiles) {}

  private RowDeleteWriter() {}

  public static RowDeleteWriter open(Table table) {
    throw new UnsupportedOperationException(table.name());
  }

  /**
   * Marks the row at {@code position} (0-based, of the whole file) of the task's data file as
   * deleted.
   */
  public void delete(FileScanTask task, long position) {
    throw new UnsupportedOperationException(task.toString() + position);
  }

  public Result complete() {
    throw new UnsupportedOperationException();
  }

  /** Removes every file written, unless {@link #complete()} has handed them over. */
  @Override
  public void close() {}
}
