package dev.firn.cli.command;

import picocli.CommandLine.Option;

/** {@code --dry-run}. Filled by picocli. */
final class DryRunOption {
  @Option(
      names = {"-n", "--dry-run"},
      description = "Say what would be done, and change nothing.")
  boolean on;
}
