package dev.firn.ingest.read;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How one CSV file is written. Immutable. */
record CsvDialect(char delimiter, char quote, boolean header, @Nullable String nullText) {
  private static final int HEAD = 1 << 16;
  private static final int ROWS = 100;
  private static final List<Character> DELIMITERS = List.of(',', '\t', ';', '|');

  /** Returns the dialect of a file, the delimiter found in its first rows unless it is given. */
  static CsvDialect of(Source source, ReadOptions options) {
    Character given = options.delimiter();
    char delimiter = given == null ? sniff(source, options.quote()) : given;
    return new CsvDialect(delimiter, options.quote(), options.header(), options.nullText());
  }

  private static char sniff(Source source, char quote) {
    String name = source.name().toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    char best = plain.endsWith(".tsv") || plain.endsWith(".tab") ? '\t' : ',';
    String head = head(source);
    int most = 0;
    for (char delimiter : DELIMITERS) {
      int fields = fieldsPerRow(head, delimiter, quote);
      if (fields > most) {
        most = fields;
        best = delimiter;
      }
    }
    return best;
  }

  private static String head(Source source) {
    try (InputStream in = source.open(ReadMonitor.NONE)) {
      return new String(in.readNBytes(HEAD), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw source.failed(e);
    }
  }

  /** Returns the fields of every whole row in the head, or 0 where they differ or are single. */
  private static int fieldsPerRow(String head, char delimiter, char quote) {
    int expected = 0;
    int fields = 1;
    int rows = 0;
    boolean quoted = false;
    boolean blank = true;
    for (int i = 0; i < head.length() && rows < ROWS; i++) {
      char c = head.charAt(i);
      if (c == quote) {
        quoted = !quoted;
        blank = false;
      } else if (!quoted && c == '\n') {
        if (!blank && expected != 0 && fields != expected) {
          return 0;
        }
        expected = blank ? expected : fields;
        rows += blank ? 0 : 1;
        fields = 1;
        blank = true;
      } else if (!quoted && c == delimiter) {
        fields++;
        blank = false;
      } else if (c != '\r') {
        blank = false;
      }
    }
    int found = expected == 0 ? fields : expected;
    return found > 1 ? found : 0;
  }
}
