package dev.firn.scan;

import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Reads single file tasks: every delete applied, schema evolved by field id, rows that satisfy the
 * filter exactly (SQL's three-valued logic). SKELETON.
 */
public final class FileTaskReader {
  /**
   * {@code projection} may hold metadata columns ({@code _file}, {@code _pos}, {@code _row_id}, …).
   */
  public FileTaskReader(Table table, Schema projection, Expression filter) {
    throw new UnsupportedOperationException(table.name() + projection + filter);
  }

  public CloseableIterable<Record> open(FileScanTask task) {
    throw new UnsupportedOperationException(task.toString());
  }
}
