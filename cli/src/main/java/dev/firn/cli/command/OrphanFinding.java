package dev.firn.cli.command;

import dev.firn.catalog.intent.SweepResult;
import dev.firn.cli.run.Session;
import dev.firn.compaction.policy.Finding;
import java.util.Optional;

/** What dead writers left of a table, by the ledger of a catalog of ours. Stateless. */
final class OrphanFinding {
  private OrphanFinding() {}

  static Optional<Finding> of(Session session, String table) {
    if (!session.lake().maintenance().shared()) {
      return Optional.empty();
    }
    SweepResult found = session.lake().sweep().table(table).plan();
    int files = found.quarantined().stream().mapToInt(swept -> swept.files().size()).sum();
    return files == 0
        ? Optional.empty()
        : Optional.of(
            new Finding(
                "orphans",
                0,
                "%,d files that dead writers left, which cost space alone".formatted(files),
                "firn clean-orphans " + table));
  }
}
