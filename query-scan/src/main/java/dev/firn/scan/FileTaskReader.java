package dev.firn.scan;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Reads single file tasks: every delete applied, schema evolved by field id, rows that satisfy the
 * filter exactly (SQL's three-valued logic), in file order. A task's own residual is not looked at:
 * this reader's filter decides. Thread-safe; each iterator it opens is confined to one thread.
 *
 * <p>How it works: the file is read in the projection's columns and whatever else the filter and
 * the deletes look at, deletes are applied, constants of the file are put in, the filter is
 * evaluated, and what was not asked for is dropped.
 *
 * <p>Failures while reading are {@link FirnException}s that name the file: corrupt where it is
 * missing or does not decode, unavailable where the store does not answer.
 */
public final class FileTaskReader {
  /** Delete files kept loaded between tasks. */
  private static final long DELETE_CACHE_BYTES = 64L << 20;

  private final Table table;
  private final Schema projection;
  private final ScanFilter filter;
  private final ReadSchema readSchema;
  private final DataFileRows files;
  private final DeleteCache deleteCache = new DeleteCache(DELETE_CACHE_BYTES);

  /**
   * Reads in the table's current schema. {@code projection} may hold metadata columns ({@code
   * _file}, {@code _pos}, {@code _row_id}, …); {@code filter} may name any column.
   */
  public FileTaskReader(Table table, Schema projection, Expression filter) {
    this(table, table.schema(), projection, filter);
  }

  /** Reads in a schema of the table's past: the filter's names are that schema's. */
  public FileTaskReader(Table table, Schema schema, Schema projection, Expression filter) {
    this.table = table;
    this.projection = projection;
    this.filter = ScanFilter.of(table, schema, filter);
    this.readSchema = new ReadSchema(table, schema, projection, this.filter);
    this.files = new DataFileRows(table);
  }

  /** Opens nothing before its iterator is asked for. Closing it closes the iterators. */
  public CloseableIterable<Record> open(FileScanTask task) {
    return new CloseableRows(() -> new TaskRows(task));
  }

  /** The rows of one task. */
  private final class TaskRows implements CloseableIterator<Record> {
    private final FileScanTask task;
    private final Map<NestedField, @Nullable Object> constants = new LinkedHashMap<>();
    private final GenericRecord withConstants;
    private final RowFilter rowFilter;
    private final RowProjector projector;
    private final InternalRecordWrapper internal;
    private final CloseableIterable<Record> source;
    private @Nullable CloseableIterator<Record> rows;
    private @Nullable Record next;

    TaskRows(FileScanTask task) {
      this.task = task;
      Schema stored = readSchema.of(task);
      Set<NestedField> constantColumns = readSchema.constants();
      constantColumns.forEach(
          column -> constants.put(column, FileConstants.value(table, task, column)));
      StructType full = new Columns(table, stored).with(constantColumns).asStruct();
      this.withConstants = GenericRecord.create(full);
      this.rowFilter = RowFilter.bind(full, filter.expression());
      this.projector = RowProjector.of(full, projection.asStruct());
      this.internal = new InternalRecordWrapper(full);
      this.source = decode(stored);
      try {
        this.rows = live(stored).iterator();
      } catch (RuntimeException e) {
        closeQuietly(source, e);
        throw failed(e);
      }
    }

    private CloseableIterable<Record> decode(Schema stored) {
      try {
        return files.open(task, stored, filter);
      } catch (RuntimeException e) {
        throw failed(e);
      }
    }

    private CloseableIterable<Record> live(Schema stored) {
      return task.deletes().isEmpty()
          ? source
          : new TaskDeletes(table, task, stored, deleteCache).filter(source);
    }

    @Override
    public boolean hasNext() {
      if (next == null && rows != null) {
        next = advance(rows);
      }
      return next != null;
    }

    @Override
    public Record next() {
      Record row = hasNext() ? next : null;
      if (row == null) {
        throw new NoSuchElementException();
      }
      next = null;
      return row;
    }

    private @Nullable Record advance(CloseableIterator<Record> from) {
      try {
        while (from.hasNext()) {
          Record row = complete(from.next());
          if (rowFilter.isTrue() || rowFilter.matches(internal.wrap(row))) {
            return projector.project(row);
          }
        }
        return null;
      } catch (RuntimeException e) {
        throw failed(e);
      }
    }

    private Record complete(Record stored) {
      if (constants.isEmpty()) {
        return stored;
      }
      GenericRecord row = withConstants.copy();
      int position = 0;
      for (; position < stored.size(); position++) {
        row.set(position, stored.get(position));
      }
      for (Object constant : constants.values()) {
        row.set(position++, constant);
      }
      return row;
    }

    private FirnException failed(RuntimeException e) {
      return ReadFailures.of(e, "data file", task.file().location(), table.name());
    }

    @Override
    public void close() throws IOException {
      CloseableIterator<Record> open = rows;
      rows = null;
      next = null;
      if (open != null) {
        try (source) {
          open.close();
        }
      }
    }
  }

  private static void closeQuietly(CloseableIterable<?> open, RuntimeException because) {
    try {
      open.close();
    } catch (IOException | UncheckedIOException e) {
      because.addSuppressed(e);
    }
  }
}
