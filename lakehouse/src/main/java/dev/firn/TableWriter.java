package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.error.FirnException;
import dev.firn.format.row.RowBinder;
import dev.firn.format.write.DataWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.FileIO;

/**
 * A writer of rows that become visible together, as one snapshot, at {@link #commit()}; closed
 * without it, every file that was written is removed. Confined to one thread. Memory is bounded
 * whatever the number of rows and partitions.
 */
public final class TableWriter implements AutoCloseable {
  private final String doing;
  private final DataWriter files;
  private final FileIO store;
  private final Function<List<DataFile>, CommitReceipt> commit;
  private final Map<Class<?>, RowBinder<?>> binders = new HashMap<>();
  private boolean committed;

  /** Writes files for {@code table} as it is now. {@code doing} continues "Cannot …". */
  TableWriter(String doing, Table table, Function<List<DataFile>, CommitReceipt> commit) {
    this.doing = doing;
    this.files = Guard.call(doing, () -> DataWriter.open(table));
    this.store = table.io();
    this.commit = commit;
  }

  /** Returns the columns that rows must have. */
  public Schema schema() {
    return files.schema();
  }

  /**
   * Adds an Iceberg record of {@link #schema()}. The writer may keep it until the commit: do not
   * change it afterwards.
   */
  public void write(Record row) {
    Guard.run(doing, () -> files.write(row));
  }

  /**
   * Adds the rows of an Arrow batch, columns matched by name. The batch stays the caller's and may
   * be reused at once.
   */
  public void write(VectorSchemaRoot batch) {
    Guard.run(doing, () -> files.write(batch));
  }

  /** Adds a Java record or bean, components or properties matched to columns by name. */
  public void write(Object row) {
    Guard.run(doing, () -> files.write(bind(row)));
  }

  /** Adds each element as {@link #write(Object)}. */
  public void writeAll(Iterable<?> rows) {
    for (Object row : rows) {
      if (row instanceof Record plain) {
        write(plain);
      } else {
        write(row);
      }
    }
  }

  @SuppressWarnings("unchecked")
  private <T> Record bind(T row) {
    RowBinder<?> binder =
        binders.computeIfAbsent(row.getClass(), type -> RowBinder.of(type, schema()));
    return ((RowBinder<T>) binder).toRecord(row);
  }

  /** Returns the rows taken so far. */
  public long rows() {
    return files.rows();
  }

  /** Returns the bytes written or buffered so far, an estimate. */
  public long bytes() {
    return files.bytes();
  }

  /**
   * Makes the rows visible as one snapshot. Applied: returns its receipt. Not applied: throws, and
   * {@link #close()} removes the files. Unknown (a database answer was lost): throws with kind
   * {@code COMMIT_STATE_UNKNOWN}, and the files stay.
   */
  public CommitReceipt commit() {
    if (committed) {
      throw FirnException.invalid(
          "Cannot %s: this writer has been committed already; open another".formatted(doing));
    }
    List<DataFile> written = Guard.call(doing, files::complete);
    committed = true;
    try {
      return commit.apply(written);
    } catch (RuntimeException e) {
      throw Uncommitted.remove(store, written, IcebergErrors.translate(doing, e));
    }
  }

  /** Without a commit, removes every file written. Idempotent. */
  @Override
  public void close() {
    files.close();
  }
}
