package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import dev.firn.ingest.value.Converter;
import dev.firn.ingest.value.Misfit;
import dev.firn.ingest.value.Styles;
import dev.firn.ingest.value.TextConverters;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** The rows of one CSV file under a target schema, columns matched by name. */
final class CsvRows implements RowSource {
  private final Source source;
  private final CsvDialect dialect;
  private final CsvCells cells;
  private final ReadMonitor monitor;
  private final RejectHandler rejects;
  private final GenericRecord template;
  private final List<Column> columns = new ArrayList<>();

  private record Column(
      String name, int position, boolean required, String type, Converter converter) {}

  /** Opens the file and reads its header. */
  CsvRows(Source source, ReadOptions options, Target target, ReadMonitor monitor) {
    this.source = source;
    this.monitor = monitor;
    this.rejects = target.rejects();
    this.dialect = CsvDialect.of(source, options);
    this.template = GenericRecord.create(target.schema());
    this.cells = new CsvCells(source, dialect, monitor);
    boolean done = false;
    try {
      bind(cells.header(options.columnNames()), target.schema(), target.styles());
      done = true;
    } finally {
      if (!done) {
        cells.close();
      }
    }
  }

  private void bind(List<String> names, Schema schema, Styles styles) {
    List<Types.NestedField> fields = schema.columns();
    for (String name : names) {
      Types.NestedField field = schema.asStruct().field(name);
      if (field == null) {
        throw FirnException.invalid(
            "Cannot load %s: column '%s' is not in the table or schema"
                .formatted(source.name(), name));
      }
      columns.add(
          new Column(
              name,
              fields.indexOf(field),
              field.isRequired(),
              field.type().toString(),
              TextConverters.of(field.type(), styles.of(name))));
    }
    for (Types.NestedField field : fields) {
      if (field.isRequired() && !names.contains(field.name()) && !names.isEmpty()) {
        throw FirnException.invalid(
            "Cannot load %s: column '%s' must not be null and the file does not have it"
                .formatted(source.name(), field.name()));
      }
    }
  }

  @Override
  public @Nullable Record next() {
    while (true) {
      CsvRow row = cells.next();
      if (row == null) {
        return null;
      }
      monitor.row();
      if (row.count() != columns.size()) {
        rejects.reject(ragged(source, dialect, row, columns.size()));
        continue;
      }
      Record record = convert(row);
      if (record != null) {
        return record;
      }
    }
  }

  private @Nullable Record convert(CsvRow row) {
    GenericRecord record = template.copy();
    for (int i = 0; i < row.count(); i++) {
      Column column = columns.get(i);
      String text = row.field(i);
      try {
        Object value = text == null ? null : column.converter.convert(text);
        if (value == null && column.required) {
          throw new Misfit(column.type + ", not null", text);
        }
        record.set(column.position, value);
      } catch (Misfit e) {
        rejects.reject(rejected(source, dialect, row, column.name, e.reason()));
        return null;
      }
    }
    return record;
  }

  /** The finding that a row has another number of fields than the header. */
  static Rejected ragged(Source source, CsvDialect dialect, CsvRow row, int expected) {
    String reason = "expected %d fields, got %d".formatted(expected, row.count());
    if (row.tornAt() > 0) {
      reason +=
          " (a quote opened in line %d spans lines: is it a stray one?)".formatted(row.tornAt());
    }
    return rejected(source, dialect, row, "", reason);
  }

  private static Rejected rejected(
      Source source, CsvDialect dialect, CsvRow row, String column, String reason) {
    String at = "line " + row.line();
    return new Rejected(source.name(), row.line(), at, column, reason, row.raw(dialect));
  }

  @Override
  public void close() {
    cells.close();
  }
}
