package dev.firn.ingest.value;

import org.jspecify.annotations.Nullable;

/**
 * A value that its column's type cannot hold. Carries no stack trace: it is a finding about data,
 * caught where the row's place is known.
 */
public final class Misfit extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 200;

  private final String expected;
  private final @Nullable String got;
  private final String path;

  /** A misfit in the value itself; containers add their own name with {@link #under}. */
  public Misfit(String expected, @Nullable String got) {
    this(expected, got, "");
  }

  private Misfit(String expected, @Nullable String got, String path) {
    super("expected " + expected + ", got " + shown(got), null, false, false);
    this.expected = expected;
    this.got = got;
    this.path = path;
  }

  /** Returns the same misfit seen from the container: {@code name} comes before the path. */
  public Misfit under(String name) {
    String inner = path.isEmpty() || path.startsWith("[") ? path : "." + path;
    return new Misfit(expected, got, name + inner);
  }

  /** Returns the dotted path of the column, or an empty string for a whole row. */
  public String path() {
    return path;
  }

  /** Returns what the column takes. */
  public String expected() {
    return expected;
  }

  /** Returns {@code expected X, got Y}, long values shortened. */
  public String reason() {
    return "expected " + expected + ", got " + shown(got);
  }

  private static String shown(@Nullable String got) {
    if (got == null) {
      return "null";
    }
    return got.length() <= SHOWN
        ? "'" + got + "'"
        : "'" + got.substring(0, SHOWN) + "…' (" + got.length() + " characters)";
  }
}
