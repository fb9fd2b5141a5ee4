package dev.firn.ingest.read;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One CSV row, reused from row to row. A field that is empty and unquoted, or is the null text, is
 * null; an empty quoted one is an empty string.
 */
final class CsvRow {
  private @Nullable String[] fields = new String[16];
  private int count;
  private long line;
  private long lines;
  private long tornAt;

  void begin(long startingLine) {
    line = startingLine;
    count = 0;
    lines = 0;
    tornAt = 0;
  }

  void add(@Nullable String field, boolean quoted) {
    if (count == fields.length) {
      fields = Arrays.copyOf(fields, count * 2);
    }
    fields[count++] = field;
    if (quoted && field != null && field.indexOf('\n') >= 0) {
      tornAt = line + lines;
      lines += field.chars().filter(c -> c == '\n').count();
    }
  }

  int count() {
    return count;
  }

  @Nullable String field(int i) {
    return fields[i];
  }

  /** Returns the line on which the row starts, from 1. */
  long line() {
    return line;
  }

  /** Returns the line on which the next field would start. */
  long currentLine() {
    return line + lines;
  }

  /** Returns the line where the last field that spans lines opens its quote, or 0. */
  long tornAt() {
    return tornAt;
  }

  /** Returns the row as CSV text, quoted only where needed. */
  String raw(CsvDialect dialect) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        out.append(dialect.delimiter());
      }
      String field = fields[i];
      if (field != null) {
        appendField(field, dialect, out);
      }
    }
    return out.toString();
  }

  private static void appendField(String field, CsvDialect dialect, StringBuilder out) {
    boolean plain = !field.isEmpty();
    for (int i = 0; i < field.length() && plain; i++) {
      char c = field.charAt(i);
      plain = c != dialect.delimiter() && c != dialect.quote() && c != '\n' && c != '\r';
    }
    if (plain) {
      out.append(field);
      return;
    }
    String quote = String.valueOf(dialect.quote());
    out.append(quote).append(field.replace(quote, quote + quote)).append(quote);
  }
}
