package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import dev.firn.ingest.value.DateStyle;
import dev.firn.ingest.value.FieldIds;
import dev.firn.ingest.value.JsonColumn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.types.Types;

/** The types of the columns of all JSON files of a set together. A builder; one thread. */
final class JsonInference implements Inferred {
  private static final int MAX_COLUMNS = 10_000;

  private final ReadOptions options;
  private final Map<String, JsonColumn> columns = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private long rows;

  JsonInference(ReadOptions options) {
    this.options = options;
  }

  /** Reads a file and returns where its rows are; what is no row goes to {@code rejects}. */
  JsonLayout add(Source source, ReadMonitor monitor, RejectHandler rejects) {
    JsonLayout layout = JsonLayout.of(source, options);
    if (layout.kind() == JsonLayout.Kind.LINES) {
      Utf8.require(source);
    }
    String note = layout.note(source);
    if (note != null) {
      notes.add(note);
    }
    long limit = options.sampleRows() > 0 ? options.sampleRows() : Long.MAX_VALUE;
    try (JsonItems items = JsonItems.open(source, layout, monitor)) {
      JsonItem item = items.next();
      for (long n = 0; item != null && n < limit; n++) {
        monitor.row();
        rows++;
        if (item.value() instanceof Map<?, ?> row) {
          observe(source, row, item.line());
        } else {
          rejects.reject(item.rejected(source, "", String.valueOf(item.problem())));
        }
        item = items.next();
      }
    }
    return layout;
  }

  private void observe(Source source, Map<?, ?> row, long line) {
    for (Map.Entry<?, ?> entry : row.entrySet()) {
      JsonColumn column =
          columns.computeIfAbsent(
              String.valueOf(entry.getKey()), n -> new JsonColumn(n, options.dates()));
      column.add(entry.getValue(), line);
    }
    if (columns.size() > MAX_COLUMNS) {
      throw FirnException.invalid(
          "Cannot load %s: line %d: the rows have more than %d different member names; if they are keys, give one map column with --schema"
              .formatted(source.name(), line, MAX_COLUMNS));
    }
  }

  @Override
  public Types.StructType struct(FieldIds ids, boolean narrow) {
    List<Types.NestedField> fields = new ArrayList<>();
    columns.forEach(
        (name, column) ->
            fields.add(Types.NestedField.optional(ids.next(), name, column.type(ids, narrow))));
    return Types.StructType.of(fields);
  }

  @Override
  public void styles(Map<String, DateStyle> into) {
    columns.forEach((name, column) -> column.styles(name, into::putIfAbsent));
  }

  @Override
  public void notes(List<String> into) {
    into.addAll(notes);
    columns.forEach(
        (name, column) ->
            column.notes(name, (path, note) -> into.add(Inference.columnNote(path, note))));
  }

  @Override
  public long rows() {
    return rows;
  }
}
