package dev.firn.ingest.read;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.RecordType;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the rows of one CSV file, as text. The row is reused. Owns the file; confined to
 * one thread.
 */
final class CsvCells implements AutoCloseable {
  /** A quoted field of more characters is taken for a stray quote. */
  private static final int MAX_FIELD = 1 << 24;

  private final Source source;
  private final CsvDialect dialect;
  private final CsvRow row = new CsvRow();
  private final Tail text;
  private final Handler handler;
  private final CsvReader<CsvRow> reader;
  private final CloseableIterator<CsvRow> rows;
  private @Nullable CsvRow ahead;

  CsvCells(Source source, CsvDialect dialect, ReadMonitor monitor) {
    this.source = source;
    this.dialect = dialect;
    try {
      text = new Tail(Utf8.open(source.open(monitor)), dialect.quote());
    } catch (IOException e) {
      throw source.failed(e);
    }
    handler = new Handler();
    reader =
        CsvReader.builder()
            .fieldSeparator(dialect.delimiter())
            .quoteCharacter(dialect.quote())
            .skipEmptyLines(true)
            .allowExtraFields(true)
            .allowMissingFields(true)
            .allowExtraCharsAfterClosingQuote(false)
            .maxBufferSize(MAX_FIELD)
            .build(handler, text);
    rows = reader.iterator();
  }

  /** Returns the column names: the first row's, or the given ones, or {@code column_N}. */
  List<String> header(@Nullable List<String> given) {
    CsvRow first = next();
    List<String> names = new ArrayList<>();
    for (int i = 0; first != null && i < first.count(); i++) {
      String name =
          dialect.header()
              ? first.field(i)
              : given != null && i < given.size() ? given.get(i) : null;
      names.add(name == null || name.isBlank() ? "column_" + (i + 1) : name);
    }
    if (!dialect.header()) {
      ahead = first;
    }
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw FirnException.invalid(
            "Cannot load %s: line 1: the header names column '%s' twice; rename one, or load with --no-header"
                .formatted(source.name(), name));
      }
    }
    return names;
  }

  /** Returns the next row, or null at the end. */
  @Nullable CsvRow next() {
    CsvRow held = ahead;
    if (held != null) {
      ahead = null;
      return held;
    }
    try {
      if (!rows.hasNext()) {
        return null;
      }
      CsvRow next = rows.next();
      if (text.atEnd() && handler.lastQuoted && text.unclosed(handler.lastField)) {
        throw strayQuote(handler.lastOpened, "it is never closed", null);
      }
      return next;
    } catch (CsvParseException e) {
      throw damaged(e);
    } catch (UncheckedIOException e) {
      IOException cause = e.getCause() == null ? new IOException(e) : e.getCause();
      throw cause instanceof CharacterCodingException
          ? Utf8.malformed(source, cause)
          : source.failed(cause);
    }
  }

  private FirnException damaged(CsvParseException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String reason = String.valueOf(cause.getMessage());
    if (reason.startsWith("Unexpected character after closing quote")) {
      String found = reason.substring(reason.indexOf(':') + 1).strip();
      return strayQuote(row.currentLine(), "it is closed before " + found, e);
    }
    return strayQuote(
        row.currentLine(), "it is not closed within %d characters".formatted(MAX_FIELD), e);
  }

  private FirnException strayQuote(long line, String reason, @Nullable Throwable cause) {
    return new FirnException(
        ErrorKind.INVALID,
        "Cannot load %s: line %d: a quote opens a field there and %s, expected the closing quote before a delimiter or line end; double a quote that is part of a value, or give another --quote"
            .formatted(source.name(), line, reason),
        cause);
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw source.failed(e);
    }
  }

  /** Fills the one row. */
  private final class Handler extends CsvCallbackHandler<CsvRow> {
    private RecordType type = RecordType.DATA;
    private boolean lastQuoted;
    private String lastField = "";
    private long lastOpened;

    @Override
    protected RecordType getRecordType() {
      return type;
    }

    @Override
    protected int getFieldCount() {
      return row.count();
    }

    @Override
    protected void beginRecord(long startingLineNumber) {
      type = RecordType.DATA;
      row.begin(startingLineNumber);
    }

    @Override
    protected void addField(char[] buffer, int offset, int length, boolean quoted) {
      lastQuoted = quoted;
      if (length == 0) {
        if (quoted) {
          lastField = "";
          lastOpened = row.currentLine();
        }
        row.add(quoted ? "" : null, quoted);
        return;
      }
      String field = new String(buffer, offset, length);
      if (quoted) {
        lastField = field;
        lastOpened = row.currentLine();
      }
      row.add(!quoted && field.equals(dialect.nullText()) ? null : field, quoted);
    }

    @Override
    protected void setComment(char[] buffer, int offset, int length) {
      throw new IllegalStateException("comments are not enabled");
    }

    @Override
    protected void setEmpty() {
      type = RecordType.EMPTY;
    }

    @Override
    protected CsvRow buildRecord() {
      return row;
    }
  }

  /**
   * Remembers how many quotes end the text, one line end left out: the parser takes the end of the
   * text for a closing quote, and this tells the two apart.
   */
  private static final class Tail extends FilterReader {
    private final char quote;
    private boolean ended;
    private long run;
    private int lineEnd;

    Tail(Reader in, char quote) {
      super(in);
      this.quote = quote;
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      if (count < 0) {
        ended = true;
        return count;
      }
      int start = Math.max(offset, offset + count - 2);
      boolean whole = start == offset;
      int at = offset + count - 1;
      if (!whole && buffer[at] != quote && buffer[at] != '\n' && buffer[at] != '\r') {
        run = 0;
        lineEnd = 0;
        return count;
      }
      for (int i = Math.max(offset, offset + count - 4096); i < offset + count; i++) {
        see(buffer[i]);
      }
      return count;
    }

    private void see(char c) {
      if (c == quote) {
        run = lineEnd > 0 ? 1 : run + 1;
        lineEnd = 0;
      } else if (c == '\n' || c == '\r') {
        lineEnd++;
      } else {
        run = 0;
        lineEnd = 0;
      }
    }

    boolean atEnd() {
      return ended;
    }

    /** Whether the text's last field, which is quoted and has this value, lacks its quote. */
    boolean unclosed(String value) {
      if (lineEnd > 0 && (value.endsWith("\n") || value.endsWith("\r"))) {
        return true;
      }
      int own = 0;
      while (own < value.length() && value.charAt(value.length() - 1 - own) == quote) {
        own++;
      }
      long closed = 2L * own + (own == value.length() ? 2 : 1);
      return run != closed;
    }
  }
}
