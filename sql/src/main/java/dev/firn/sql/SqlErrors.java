package dev.firn.sql;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Translates what DuckDB says into {@link FirnException}. Stateless. */
final class SqlErrors {
  /** All that DuckDB's JDBC says of a streamed statement that failed before its first row. */
  static final String UNTOLD = "Invalid result set";

  private static final Pattern NO_TABLE =
      Pattern.compile("Table with name \"?(.+?)\"? does not exist");

  private SqlErrors() {}

  static FirnException refused(String why) {
    return FirnException.invalid(
        "Cannot run the SQL statement: %s, expected SELECT, VALUES, WITH, FROM, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN of one"
            .formatted(why));
  }

  /** {@code position}: the offending character, from 0, where DuckDB tells it. */
  static FirnException syntax(String statement, String message, String position) {
    String where = "";
    if (position != null) {
      int at = Math.min(Integer.parseInt(position), statement.length());
      String before = statement.substring(0, at);
      long line = before.lines().count() + (before.isEmpty() || before.endsWith("\n") ? 1 : 0);
      int column = at - before.lastIndexOf('\n');
      where = " (line %d, column %d)".formatted(line, column);
    }
    return FirnException.invalid("Cannot run the SQL statement: %s%s".formatted(message, where));
  }

  /** Translates DuckDB's error. */
  static FirnException of(LakeNames names, Throwable error) {
    String message = clean(String.valueOf(error.getMessage()));
    Matcher missing = NO_TABLE.matcher(message);
    if (missing.find()) {
      return names.missing(missing.group(1), error);
    }
    return new FirnException(
        kind(message), "Cannot run the SQL statement: " + message + remedy(message), error);
  }

  private static ErrorKind kind(String message) {
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.startsWith("internal") || lower.startsWith("fatal")) {
      return ErrorKind.INTERNAL;
    }
    if (lower.startsWith("out of memory")
        || lower.startsWith("io error")
        || lower.startsWith("interrupt")) {
      return ErrorKind.UNAVAILABLE;
    }
    return ErrorKind.INVALID;
  }

  private static String remedy(String message) {
    return message.startsWith("Out of Memory") ? "; give the session more memory" : "";
  }

  /** Drops the wrapping of the C interface, stack traces, and guesses at DuckDB's own tables. */
  private static String clean(String message) {
    String text =
        message.replaceFirst("^\\[errno -?\\d+] CDataJniException\\{errno=-?\\d+, message=", "");
    if (!text.equals(message) && text.endsWith("}")) {
      text = text.substring(0, text.length() - 1);
    }
    text = text.replaceAll("(?m)^\\s+at [\\w.$/]+\\(.*$\\n?", "");
    text =
        text.replaceAll(
            "(?m)^Did you mean \"(?:pg_catalog|information_schema|temp|system)\\..*\\n?", "");
    return text.strip();
  }
}
