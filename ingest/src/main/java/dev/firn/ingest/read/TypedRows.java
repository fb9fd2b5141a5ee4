package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import dev.firn.ingest.value.Converter;
import dev.firn.ingest.value.Misfit;
import dev.firn.ingest.value.TypedConverters;
import java.util.Iterator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** The rows of one Parquet or Arrow file under a target schema, columns matched by name. */
final class TypedRows implements RowSource {
  private final Source source;
  private final TypedFile file;
  private final Converter converter;
  private final ReadMonitor monitor;
  private final RejectHandler rejects;
  private @Nullable Iterator<Record> rows;
  private long row;

  /** Owns the file. */
  TypedRows(Source source, TypedFile file, Target target, ReadMonitor monitor) {
    this.source = source;
    this.file = file;
    this.monitor = monitor;
    this.rejects = target.rejects();
    boolean done = false;
    try {
      this.converter = converter(source, file.schema(), target.schema());
      done = true;
    } finally {
      if (!done) {
        file.close();
      }
    }
  }

  private static Converter converter(Source source, Schema from, Schema to) {
    for (Types.NestedField field : from.columns()) {
      Types.NestedField column = to.asStruct().field(field.name());
      if (column != null && TypedConverters.of(field.type(), column.type()) == null) {
        throw FirnException.invalid(
            "Cannot load %s: column '%s': expected %s, got %s; give it that type with --schema, or evolve the table"
                .formatted(source.name(), field.name(), column.type(), field.type()));
      }
    }
    Converter whole = TypedConverters.of(from.asStruct(), to.asStruct());
    if (whole == null) {
      throw new IllegalStateException("columns convert but rows do not: " + from + to);
    }
    return whole;
  }

  @Override
  public @Nullable Record next() {
    while (true) {
      Record record = read();
      if (record == null) {
        return null;
      }
      monitor.row();
      row++;
      try {
        return (Record) converter.convert(record);
      } catch (Misfit e) {
        String at = "row " + row;
        rejects.reject(
            new Rejected(source.name(), row, at, e.path(), e.reason(), record.toString()));
      }
    }
  }

  private @Nullable Record read() {
    try {
      Iterator<Record> all = rows == null ? file.rows() : rows;
      rows = all;
      return all.hasNext() ? all.next() : null;
    } catch (FirnException e) {
      throw e;
    } catch (RuntimeException e) {
      throw FirnException.corrupt(
          "Cannot load %s: row %d cannot be read: %s; the file is damaged or cut short"
              .formatted(source.name(), row + 1, e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
