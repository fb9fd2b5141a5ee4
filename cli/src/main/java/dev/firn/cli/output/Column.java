package dev.firn.cli.output;

/** One column of printed rows; numbers are aligned to the right. */
public record Column(String name, boolean number) {
  /** A column of anything but numbers. */
  public static Column text(String name) {
    return new Column(name, false);
  }

  /** A column of numbers. */
  public static Column number(String name) {
    return new Column(name, true);
  }
}
