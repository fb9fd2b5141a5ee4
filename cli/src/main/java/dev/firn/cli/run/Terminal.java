package dev.firn.cli.run;

import org.jspecify.annotations.Nullable;

/**
 * Which of the standard streams are a terminal, and how wide it is. Immutable.
 *
 * @param columns characters per line; meaningless where {@code out} is false
 */
public record Terminal(boolean in, boolean out, boolean err, int columns) {
  /** Everything is a file or a pipe. */
  public static final Terminal NONE = new Terminal(false, false, false, DefaultWidth.COLUMNS);

  /**
   * Reads what the launcher found, which Java cannot see for stderr: {@code firn.terminal} holds
   * three digits, one for each of stdin, stdout and stderr, and {@code firn.columns} the width.
   */
  static Terminal detect() {
    @Nullable String streams = System.getProperty("firn.terminal");
    if (streams == null || streams.length() != 3) {
      return NONE;
    }
    return new Terminal(
        streams.charAt(0) == '1',
        streams.charAt(1) == '1',
        streams.charAt(2) == '1',
        Integer.getInteger("firn.columns", DefaultWidth.COLUMNS));
  }

  private static final class DefaultWidth {
    static final int COLUMNS = 80;
  }
}
