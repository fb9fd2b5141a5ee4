package dev.firn.cli.command;

import picocli.CommandLine.Parameters;

/** The table that a command is about, its first parameter. Filled by picocli. */
final class TableParameter {
  @Parameters(index = "0", paramLabel = "TABLE", description = "The table, as NAMESPACE.TABLE.")
  String name = "";
}
