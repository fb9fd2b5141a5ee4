package dev.firn.cli.quickstart;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Prints the quickstart's steps, and stops it where a check fails. Confined to one thread. */
final class Story {
  private final PrintStream out;
  private final int steps;
  private final long start = System.nanoTime();
  private int step;
  private int checks;

  Story(PrintStream out, int steps) {
    this.out = out;
    this.steps = steps;
  }

  void step(String title) {
    step++;
    out.printf("%n[%d/%d] %s%n", step, steps, title);
  }

  /** A command that would do by hand what the step does. */
  void command(String command, Object... arguments) {
    out.println("      $ firn " + command.formatted(arguments));
  }

  void say(String text, Object... arguments) {
    out.println("      " + text.formatted(arguments));
  }

  /** Compares a table with the generator. */
  void check(String what, Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new FirnException(
          ErrorKind.INTERNAL,
          "Cannot finish the quickstart: %s is wrong, expected %s, got %s; please report this"
              .formatted(what, expected, actual));
    }
    checks++;
    out.printf(
        "      ✓ %s: %s%n",
        what, actual instanceof Map<?, ?> all ? all.size() + " groups" : actual);
  }

  int checks() {
    return checks;
  }

  String elapsed() {
    return seconds(Duration.ofNanos(System.nanoTime() - start));
  }

  static String seconds(Duration duration) {
    return "%.1f s".formatted(duration.toMillis() / 1000.0);
  }
}
