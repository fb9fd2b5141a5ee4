package dev.firn.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JSON array, an object per row and line. */
final class JsonPrinter implements RowPrinter {
  private final DataOut out;
  private final List<Column> columns;
  private final JsonGenerator json;
  private boolean first = true;

  JsonPrinter(DataOut out, List<Column> columns) {
    this.out = out;
    this.columns = columns;
    try {
      this.json = JsonValues.generator(out);
      json.setRootValueSeparator(null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.write('[');
  }

  @Override
  public void row(List<? extends @Nullable Object> values) {
    try {
      out.write(first ? "\n" : ",\n");
      first = false;
      json.writeStartObject();
      for (int i = 0; i < columns.size(); i++) {
        json.writeFieldName(columns.get(i).name());
        JsonValues.write(json, values.get(i));
      }
      json.writeEndObject();
      // The generator buffers, and the separators go past it.
      json.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void flush() {
    out.flush();
  }

  @Override
  public void close() {
    out.write(first ? "]\n" : "\n]\n");
    out.flush();
  }

  /** Writes one object and a line feed. */
  static void object(DataOut out, Map<String, ? extends @Nullable Object> object) {
    try (JsonGenerator json = JsonValues.generator(out)) {
      JsonValues.write(json, object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.write('\n');
    out.flush();
  }
}
