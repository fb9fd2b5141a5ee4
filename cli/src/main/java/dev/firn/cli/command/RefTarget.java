package dev.firn.cli.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The parameters of making a branch or tag. Filled by picocli. */
final class RefTarget {
  @Parameters(index = "0", paramLabel = "TABLE", description = "The table, as NAMESPACE.TABLE.")
  String table = "";

  @Parameters(index = "1", paramLabel = "NAME", description = "The branch or tag.")
  String name = "";

  @Option(
      names = "--at",
      paramLabel = "SNAPSHOT",
      description = "The snapshot that it points at (default: main's head).")
  @Nullable Long snapshot;
}
