package dev.firn.cli.command;

import dev.firn.cli.run.GlobalOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code firn} itself: the options of every command. Filled by picocli. */
@Command(
    name = "firn",
    version = "firn 0.1.0-SNAPSHOT",
    description = "%nApache Iceberg tables without a cluster.",
    optionListHeading = "%nOptions of every command:%n",
    customSynopsis = "firn COMMAND [OPTION]… [ARGUMENT]…",
    footer = {
      "",
      "Options win over FIRN_… variables, and those over firn.yaml in the current directory.",
      "Examples:",
      "  firn quickstart",
      "  firn load shop.orders orders.csv --partition \"day(ordered_at)\"",
      "  firn sql -c \"SELECT status, count(*) FROM shop.orders GROUP BY status\"",
      "  firn help scan"
    })
final class RootCommand {
  @Mixin final GlobalOptions options;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show help.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  RootCommand(GlobalOptions options) {
    this.options = options;
  }
}
