package dev.firn.ingest.read;

import dev.firn.ingest.value.DateStyle;
import dev.firn.ingest.value.FieldIds;
import dev.firn.ingest.value.TextColumn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** The types of the columns of all CSV files of a set together. A builder; one thread. */
final class CsvInference implements Inferred {
  private final ReadOptions options;
  private final Map<String, TextColumn> columns = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private long rows;

  CsvInference(ReadOptions options) {
    this.options = options;
  }

  /** Reads a file; ragged rows go to {@code rejects} and are otherwise left out. */
  void add(Source source, ReadMonitor monitor, RejectHandler rejects) {
    CsvDialect dialect = CsvDialect.of(source, options);
    if (options.delimiter() == null && dialect.delimiter() != ',') {
      String shown = dialect.delimiter() == '\t' ? "a tab" : "'" + dialect.delimiter() + "'";
      notes.add("%s: fields are separated by %s".formatted(source.name(), shown));
    }
    long limit = options.sampleRows() > 0 ? options.sampleRows() : Long.MAX_VALUE;
    try (CsvCells cells = new CsvCells(source, dialect, monitor)) {
      TextColumn[] found = columnsOf(cells.header(options.columnNames()), source);
      CsvRow row = found.length == 0 ? null : cells.next();
      for (long n = 0; row != null && n < limit; n++) {
        monitor.row();
        rows++;
        if (row.count() == found.length) {
          observe(row, found);
        } else {
          rejects.reject(CsvRows.ragged(source, dialect, row, found.length));
        }
        row = cells.next();
      }
    }
  }

  private TextColumn[] columnsOf(List<String> names, Source source) {
    if (names.isEmpty()) {
      notes.add(source.name() + ": is empty");
    }
    TextColumn[] found = new TextColumn[names.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = columns.computeIfAbsent(names.get(i), n -> TextColumn.ofTexts(n, options.dates()));
    }
    return found;
  }

  private static void observe(CsvRow row, TextColumn[] columns) {
    for (int i = 0; i < columns.length; i++) {
      String text = row.field(i);
      if (text != null) {
        columns[i].add(text, row.line());
      }
    }
  }

  @Override
  public Types.StructType struct(FieldIds ids, boolean narrow) {
    List<Types.NestedField> fields = new ArrayList<>();
    columns.forEach(
        (name, column) -> {
          Type type = narrow ? column.narrowType() : column.type();
          fields.add(
              Types.NestedField.optional(
                  ids.next(), name, type == null ? Types.StringType.get() : type));
        });
    return Types.StructType.of(fields);
  }

  @Override
  public void styles(Map<String, DateStyle> into) {
    columns.forEach(
        (name, column) -> {
          DateStyle style = column.style();
          if (style != null) {
            into.putIfAbsent(name, style);
          }
        });
  }

  @Override
  public void notes(List<String> into) {
    into.addAll(notes);
    columns.forEach(
        (name, column) -> {
          @Nullable String note = column.note();
          if (note != null) {
            into.add(Inference.columnNote(name, note));
          }
        });
  }

  @Override
  public long rows() {
    return rows;
  }
}
