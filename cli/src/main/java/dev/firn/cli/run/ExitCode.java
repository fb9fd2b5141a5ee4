package dev.firn.cli.run;

import dev.firn.error.ErrorKind;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What the process tells its caller. The numbers are stable; scripts depend on them. */
public enum ExitCode {
  OK(0, "done"),
  INTERNAL(1, "a defect in Firn: report it"),
  USAGE(2, "the command, an option or the input is wrong: fix it"),
  NOT_FOUND(3, "what the command names does not exist"),
  CONFLICT(4, "it exists already, or another writer came first: nothing was applied, try again"),
  CORRUPT(5, "stored data, or an input file, is damaged"),
  UNAVAILABLE(6, "a store or database cannot be reached, is full, or is held by another process"),
  UNKNOWN(7, "the commit may or may not have been applied: look before trying again"),
  INTERRUPTED(130, "stopped by Ctrl-C, nothing committed (143 when stopped by SIGTERM)");

  private final int code;
  private final String meaning;

  ExitCode(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  /** Returns the number that the process exits with. */
  public int code() {
    return code;
  }

  /** Returns what the caller must do, as one line. */
  public String meaning() {
    return meaning;
  }

  /** The one table from classes of errors to exit codes. */
  public static ExitCode of(ErrorKind kind) {
    return switch (kind) {
      case INVALID -> USAGE;
      case NOT_FOUND -> NOT_FOUND;
      case ALREADY_EXISTS, CONFLICT -> CONFLICT;
      case CORRUPT -> CORRUPT;
      case UNAVAILABLE -> UNAVAILABLE;
      case COMMIT_STATE_UNKNOWN -> UNKNOWN;
      case INTERNAL -> INTERNAL;
    };
  }

  /** Returns all codes as lines of text. */
  public static String table() {
    return Arrays.stream(values())
        .map(exit -> "%5d  %s".formatted(exit.code, exit.meaning))
        .collect(Collectors.joining(System.lineSeparator()));
  }
}
