package dev.firn.ingest.value;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * A builder that sees the texts of one column and then names the type they all have. Confined to
 * one thread; memory is constant.
 *
 * <p>The rule: a column has the narrowest of boolean, long, decimal, double, date, time, timestamp
 * and timestamptz that every text is written in and comes back from equal; anything else is a
 * string. A date style must be the same all down the column, and one reading of day and month must
 * be the only one possible.
 */
public final class TextColumn {
  /** What the texts seen so far have in common. */
  private enum Kind {
    NONE,
    BOOLEAN,
    NUMBER,
    DATE,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    STRING
  }

  /** So many values alike make a later one that differs worth a note. */
  private static final int NOTABLE = 100;

  private final boolean temporalOnly;
  private final @Nullable DateOrder preferred;
  private final @Nullable DateVotes votes;
  private final NumberScan number = new NumberScan();
  private final NumberRange range = new NumberRange();
  private final TimeScan time = new TimeScan();
  private Kind kind = Kind.NONE;
  private boolean dated;
  private long alike;
  private @Nullable String exception;
  private int styles = (1 << DateStyle.ALL.size()) - 1;

  private TextColumn(boolean temporalOnly, String path, DateHints hints) {
    this.temporalOnly = temporalOnly;
    this.preferred = hints.preferred();
    this.votes = hints.columns().contains(path) ? new DateVotes() : null;
  }

  /** A column of bare texts, as in CSV. */
  public static TextColumn ofTexts(String path, DateHints hints) {
    return new TextColumn(false, path, hints);
  }

  /** A column of JSON strings: only dates and times are looked for, numbers in quotes are text. */
  public static TextColumn ofStrings(String path, DateHints hints) {
    return new TextColumn(true, path, hints);
  }

  /** Adds one text. A blank text is a null to every type but string. */
  public void add(String raw) {
    add(raw, 0);
  }

  /** Adds one text and the line it stands in, for the notes. */
  public void add(String raw, long line) {
    if (votes != null) {
      votes.add(raw.strip());
    }
    if (kind == Kind.STRING) {
      return;
    }
    String text = raw.strip();
    if (text.isEmpty()) {
      if (temporalOnly) {
        kind = Kind.STRING;
      }
      return;
    }
    Kind seen = kindOf(text);
    if (kind == Kind.NONE || kind == seen) {
      kind = seen;
      alike++;
    } else {
      if (alike >= NOTABLE) {
        exception =
            "string because of '%s' in line %d, after %d of another type"
                .formatted(text.length() > 40 ? text.substring(0, 40) + "…" : text, line, alike);
      }
      kind = Kind.STRING;
    }
  }

  private Kind kindOf(String text) {
    char first = text.charAt(0);
    boolean digit = first >= '0' && first <= '9';
    if (!temporalOnly) {
      if ((digit || first == '-' || first == '.') && number.scan(text, 0, text.length())) {
        range.add(text, number);
        return Kind.NUMBER;
      }
      if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
        return Kind.BOOLEAN;
      }
      if (NumberScan.special(text)) {
        range.addFloating();
        return Kind.NUMBER;
      }
    }
    return digit || Character.isLetter(first) ? temporalKindOf(text) : Kind.STRING;
  }

  private Kind temporalKindOf(String text) {
    int length = text.length();
    if (length < 4 || length > 48) {
      return Kind.STRING;
    }
    if (text.indexOf(':') < 0) {
      return narrowStyles(text, length) ? Kind.DATE : Kind.STRING;
    }
    int dateEnd = TimeScan.dateEnd(text);
    if (dateEnd < 0) {
      boolean fits = text.indexOf(':') <= 2 && time.scan(text, 0, length) && time.zone() == null;
      return fits ? Kind.TIME : Kind.STRING;
    }
    if (!time.scan(text, dateEnd + 1, length) || !narrowStyles(text, dateEnd)) {
      return Kind.STRING;
    }
    return time.zone() == null ? Kind.TIMESTAMP : Kind.TIMESTAMPTZ;
  }

  private boolean narrowStyles(String text, int to) {
    int left = 0;
    for (int rest = styles; rest != 0; rest &= rest - 1) {
      int i = Integer.numberOfTrailingZeros(rest);
      LocalDate date = DateStyle.ALL.get(i).parse(text, 0, to);
      left |= date == null ? 0 : 1 << i;
    }
    if (left == 0) {
      return false;
    }
    styles = left;
    dated = true;
    return true;
  }

  /** Returns the type, or null where only nulls were seen. */
  public @Nullable Type type() {
    return switch (kind) {
      case NONE -> null;
      case BOOLEAN -> Types.BooleanType.get();
      case NUMBER -> {
        Type exact = range.ofText();
        yield exact == null ? Types.StringType.get() : exact;
      }
      case DATE -> onlyStyle() == null ? Types.StringType.get() : Types.DateType.get();
      case TIME -> Types.TimeType.get();
      case TIMESTAMP ->
          onlyStyle() == null ? Types.StringType.get() : Types.TimestampType.withoutZone();
      case TIMESTAMPTZ ->
          onlyStyle() == null ? Types.StringType.get() : Types.TimestampType.withZone();
      case STRING -> Types.StringType.get();
    };
  }

  /** Returns the narrowest type, such as int for a long column whose values all fit one. */
  public @Nullable Type narrowType() {
    Type type = type();
    return kind == Kind.NUMBER && type != null ? range.narrow(type) : type;
  }

  /**
   * Returns the one style that the column's dates are written in; null if none or ambiguous. In a
   * column known to hold dates it is the one of most of the texts that are dates.
   */
  public @Nullable DateStyle style() {
    return votes == null ? onlyStyle() : votes.style(preferred);
  }

  private @Nullable DateStyle onlyStyle() {
    List<DateStyle> possible = possibleStyles();
    if (possible.size() == 1) {
      return possible.get(0);
    }
    return possible.stream().filter(s -> s.order() == preferred).findFirst().orElse(null);
  }

  private List<DateStyle> possibleStyles() {
    List<DateStyle> possible = new ArrayList<>();
    for (int i = 0; dated && i < DateStyle.ALL.size(); i++) {
      if ((styles & 1 << i) != 0) {
        possible.add(DateStyle.ALL.get(i));
      }
    }
    return possible;
  }

  /** Returns what a user should know about the choice, or null. */
  public @Nullable String note() {
    if (kind == Kind.NONE) {
      return "holds only nulls, read as string";
    }
    if (exception != null && !temporalOnly) {
      return exception;
    }
    List<DateStyle> possible = kind == Kind.STRING ? List.of() : possibleStyles();
    DateStyle style = possible.isEmpty() ? null : onlyStyle();
    if (style != null && !style.equals(DateStyle.ISO)) {
      return "dates written " + style.pattern();
    }
    if (style == null && !possible.isEmpty()) {
      return "dates may be written %s or %s, kept as string; say which with --date-order"
          .formatted(possible.get(0).pattern(), possible.get(1).pattern());
    }
    if (kind == Kind.NUMBER && range.ofText() == null) {
      return "integers of more than 38 digits, kept as string";
    }
    return null;
  }
}
