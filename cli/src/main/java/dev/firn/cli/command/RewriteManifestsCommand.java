package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.compaction.ManifestMerge;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "rewrite-manifests",
    description =
        "Merge small manifests, or cluster all by partition, so that queries and commits read"
            + " fewer. No row and no data file is touched.",
    footer = {
      "Examples:",
      "  firn rewrite-manifests shop.orders --dry-run",
      "  firn rewrite-manifests shop.orders",
      "  firn rewrite-manifests shop.orders --cluster"
    })
final class RewriteManifestsCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(
      names = "--cluster",
      description =
          "Rewrite manifests so that each holds a narrow range of partitions, where planning gains"
              + " by it.")
  boolean cluster;

  @Override
  public void run(Session session) {
    ManifestMerge merges = session.table(table.name).rewriteManifests();
    ManifestMerge merge = cluster ? merges.clustered() : merges.all();
    ManifestMerge.Result found = dryRun.on ? merge.plan() : merge.run();
    session.result(
        summary(found),
        Result.of(table.name, dryRun)
            .with("snapshot_id", found.snapshotId())
            .with("manifests_before", found.before())
            .with("manifests_after", found.after())
            .with("manifests_merged", found.merged())
            .with("manifests_per_partition_before", clustered(found, found.overlapBefore()))
            .with("manifests_per_partition_after", clustered(found, found.overlapAfter()))
            .map());
  }

  private String summary(ManifestMerge.Result found) {
    if (found.merged() == 0) {
      return "Nothing to do in " + table.name;
    }
    String merged =
        "%s %d manifests of %s: %d became %d"
            .formatted(
                dryRun.on ? "Would merge" : "Merged",
                found.merged(),
                table.name,
                found.before(),
                found.after());
    return found.overlapBefore() == 0
        ? merged
        : merged
            + "; planning for one partition read %.1f of them, and reads %.1f then"
                .formatted(found.overlapBefore(), found.overlapAfter());
  }

  /** Null where nothing was clustered. */
  private static @Nullable Double clustered(ManifestMerge.Result found, double overlap) {
    return found.overlapBefore() == 0 ? null : overlap;
  }
}
