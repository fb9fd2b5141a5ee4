package dev.firn.cli.command;

import dev.firn.TableEvolution;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a column goes among its siblings; at most one of them. Filled by picocli. */
final class PlaceOptions {
  @Option(names = "--first", description = "Before all others.")
  boolean first;

  @Option(names = "--after", paramLabel = "COLUMN", description = "Behind this one.")
  @Nullable String after;

  @Option(names = "--before", paramLabel = "COLUMN", description = "Before this one.")
  @Nullable String before;

  void move(TableEvolution evolution, String column) {
    if (first) {
      evolution.moveFirst(column);
    } else if (after != null) {
      evolution.moveAfter(column, after);
    } else if (before != null) {
      evolution.moveBefore(column, before);
    }
  }
}
