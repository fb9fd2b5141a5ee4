package dev.firn.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Data on its way to stdout, in one format. Confined to one thread. */
public final class Output implements AutoCloseable {
  private final DataOut out;
  private final OutputFormat format;
  private final @Nullable Integer terminalColumns;

  /** {@code terminalColumns} is null where stdout is no terminal. */
  public Output(DataOut out, OutputFormat format, @Nullable Integer terminalColumns) {
    this.out = out;
    this.format = format;
    this.terminalColumns = terminalColumns;
  }

  /** Starts printing rows. The caller closes the printer. */
  public RowPrinter rows(List<Column> columns) {
    return switch (format) {
      case TABLE -> new TablePrinter(out, columns, terminalColumns);
      case JSON -> new JsonPrinter(out, columns);
      case CSV -> new CsvPrinter(out, columns);
    };
  }

  /** Prints one object: in JSON as such, in CSV as a header and a line, as a table not at all. */
  public void result(Map<String, ? extends @Nullable Object> object) {
    switch (format) {
      case TABLE -> {}
      case JSON -> JsonPrinter.object(out, object);
      case CSV -> {
        try (CsvPrinter csv =
            new CsvPrinter(out, object.keySet().stream().map(Column::text).toList())) {
          csv.row(new ArrayList<@Nullable Object>(object.values()));
        }
      }
    }
  }

  /** Writes a line of plain text, whatever the format. */
  public void line(String text) {
    out.line(text);
  }

  public OutputFormat format() {
    return format;
  }

  @Override
  public void close() {
    out.flush();
  }
}
