package dev.firn.scan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.types.Types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one task on an Avro or ORC file: a cursor. Confined to one thread.
 *
 * <p>How it works: the file is read in the projection's columns and whatever else the filter and
 * the deletes look at, deletes are applied, constants of the file are put in, the filter is
 * evaluated, and what was not asked for is dropped.
 */
final class TaskRows implements CloseableIterator<Record> {
  private final Map<NestedField, @Nullable Object> constants = new LinkedHashMap<>();
  private final GenericRecord withConstants;
  private final RowFilter rowFilter;
  private final RowProjector projector;
  private final InternalRecordWrapper internal;
  private final CloseableIterable<Record> source;
  private @Nullable CloseableIterator<Record> rows;
  private @Nullable Record next;

  TaskRows(
      Table table,
      FileScanTask task,
      DataFileRows files,
      ReadSchema readSchema,
      Schema projection,
      ScanFilter filter,
      UnaryOperator<CloseableIterable<Record>> live) {
    Schema stored = readSchema.of(task);
    Set<NestedField> constantColumns = readSchema.constants();
    constantColumns.forEach(
        column -> constants.put(column, FileConstants.value(table, task, column)));
    StructType full = new Columns(table, stored).with(constantColumns).asStruct();
    this.withConstants = GenericRecord.create(full);
    this.rowFilter = RowFilter.bind(full, filter.expression());
    this.projector = RowProjector.of(full, projection.asStruct());
    this.internal = new InternalRecordWrapper(full);
    this.source = files.open(task, stored);
    try {
      this.rows = live.apply(source).iterator();
    } catch (RuntimeException e) {
      closeQuietly(source, e);
      throw e;
    }
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
    while (from.hasNext()) {
      Record row = complete(from.next());
      if (rowFilter.isTrue() || rowFilter.matches(internal.wrap(row))) {
        return projector.project(row);
      }
    }
    return null;
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

  private static void closeQuietly(CloseableIterable<?> open, RuntimeException because) {
    try {
      open.close();
    } catch (IOException | UncheckedIOException e) {
      because.addSuppressed(e);
    }
  }
}
