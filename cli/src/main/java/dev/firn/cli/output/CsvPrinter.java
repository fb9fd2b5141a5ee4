package dev.firn.cli.output;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * CSV with a header, quoted as RFC 4180 says, lines ended by a line feed. Null is an empty field,
 * an empty string a quoted one.
 */
final class CsvPrinter implements RowPrinter {
  private final DataOut out;

  CsvPrinter(DataOut out, List<Column> columns) {
    this.out = out;
    row(columns.stream().map(Column::name).toList());
  }

  @Override
  public void row(List<? extends @Nullable Object> values) {
    for (int i = 0; i < values.size(); i++) {
      if (i > 0) {
        out.write(',');
      }
      Object value = values.get(i);
      if (value != null) {
        out.write(quoted(CellText.of(value)));
      } else if (values.size() == 1) {
        // A line of nothing would be skipped by most readers.
        out.write("\"\"");
      }
    }
    out.write('\n');
  }

  private static String quoted(String text) {
    if (!text.isEmpty() && text.chars().noneMatch(CsvPrinter::special)) {
      return text;
    }
    return '"' + text.replace("\"", "\"\"") + '"';
  }

  private static boolean special(int character) {
    return character == ',' || character == '"' || character == '\n' || character == '\r';
  }

  @Override
  public void flush() {
    out.flush();
  }

  @Override
  public void close() {
    out.flush();
  }
}
