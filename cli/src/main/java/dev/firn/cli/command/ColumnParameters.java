package dev.firn.cli.command;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A column of a table. Filled by picocli. */
final class ColumnParameters {
  @Parameters(index = "0", paramLabel = "TABLE", description = "The table, as NAMESPACE.TABLE.")
  String table = "";

  @Parameters(index = "1", paramLabel = "COLUMN", description = "The column; a nested one as a.b.")
  String column = "";

  @Mixin DryRunOption dryRun = new DryRunOption();
}
