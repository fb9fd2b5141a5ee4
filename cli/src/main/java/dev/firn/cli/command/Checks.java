package dev.firn.cli.command;

import dev.firn.error.FirnException;

/** Checks of option values that picocli does not make. */
final class Checks {
  private Checks() {}

  static long notNegative(String option, long value) {
    if (value < 0) {
      throw FirnException.invalid("Cannot use %s %d: expected 0 or more".formatted(option, value));
    }
    return value;
  }
}
