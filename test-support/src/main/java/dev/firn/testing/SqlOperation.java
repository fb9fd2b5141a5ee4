package dev.firn.testing;

import java.util.Locale;

/** What can be asked of a database connection. */
public enum SqlOperation {
  /** Taking a connection from the source. */
  CONNECT,
  /** Leaving auto-commit, or a {@code BEGIN} as text. */
  BEGIN,
  /** Preparing a statement. */
  PREPARE,
  /** Running a statement that is none of the others. */
  EXECUTE,
  /** {@code commit()}, or {@code COMMIT} as text. */
  COMMIT,
  /** {@code rollback()}, or {@code ROLLBACK} as text. */
  ROLLBACK,
  /** Closing a statement, or giving the connection back: then the call has no text. */
  CLOSE;

  /** Returns what the text asks for when it is run. */
  static SqlOperation of(String sql) {
    String first = sql.strip().split("[\\s;]+", 2)[0].toUpperCase(Locale.ROOT);
    return switch (first) {
      case "BEGIN", "START" -> BEGIN;
      case "COMMIT", "END" -> COMMIT;
      case "ROLLBACK" -> ROLLBACK;
      default -> EXECUTE;
    };
  }
}
