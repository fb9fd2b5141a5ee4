package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.compaction.ManifestMerge;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "rewrite-manifests",
    description =
        "Merge small manifests, so that queries and commits read fewer. No row and no data file is touched.",
    footer = {
      "Examples:",
      "  firn rewrite-manifests shop.orders --dry-run",
      "  firn rewrite-manifests shop.orders"
    })
final class RewriteManifestsCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Override
  public void run(Session session) {
    ManifestMerge merge = session.table(table.name).rewriteManifests().all();
    ManifestMerge.Result found = dryRun.on ? merge.plan() : merge.run();
    session.result(
        summary(found),
        Result.of(table.name, dryRun)
            .with("snapshot_id", found.snapshotId())
            .with("manifests_before", found.before())
            .with("manifests_after", found.after())
            .with("manifests_merged", found.merged())
            .map());
  }

  private String summary(ManifestMerge.Result found) {
    if (found.merged() == 0) {
      return "Nothing to do in " + table.name;
    }
    return "%s %d manifests of %s: %d became %d"
        .formatted(
            dryRun.on ? "Would merge" : "Merged",
            found.merged(),
            table.name,
            found.before(),
            found.after());
  }
}
