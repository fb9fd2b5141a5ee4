package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.PointInTime;
import dev.firn.compaction.GradedExpiry;
import dev.firn.compaction.SnapshotExpiry;
import dev.firn.error.FirnException;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "expire-snapshots",
    description =
        "Forget old snapshots and remove the files that only they need. Tags, branches and the"
            + " current snapshot stay.",
    footer = {
      "Examples:",
      "  firn expire-snapshots shop.orders --older-than 7d --dry-run",
      "  firn expire-snapshots shop.orders --older-than 7d --retain-last 10 --yes",
      "  firn expire-snapshots shop.orders --graded"
    })
final class ExpireSnapshotsCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(
      names = "--older-than",
      paramLabel = "AGE|TIME",
      description =
          "Snapshots from before: 7d, 12h, or a time (default: the table's own policy, 5d).")
  @Nullable String olderThan;

  @Option(
      names = "--retain-last",
      paramLabel = "N",
      description = "Keep at least so many, however old.")
  @Nullable Integer retainLast;

  @Option(
      names = "--graded",
      description =
          "Keep fewer the older they are, as the table's firn.snapshots.retention says (default:"
              + " all for 1h, 1m for 1d, 1h for 7d, 1d for 90d).")
  boolean graded;

  @Override
  public void run(Session session) {
    SnapshotExpiry.Result found = graded ? graded(session) : byAge(session);
    session.result(summary(found), fields(found));
  }

  private SnapshotExpiry.Result graded(Session session) {
    if (olderThan != null || retainLast != null) {
      throw FirnException.invalid(
          "Cannot expire snapshots: --graded goes by the table's own grades, expected it without"
              + " --older-than and --retain-last");
    }
    GradedExpiry expiry = session.table(table.name).expireByGrades();
    return dryRun.on ? expiry.plan() : confirmed(session, expiry::run);
  }

  private SnapshotExpiry.Result byAge(Session session) {
    SnapshotExpiry expiry = session.table(table.name).expireSnapshots();
    if (olderThan != null) {
      Instant before = PointInTime.instant(olderThan, session.clock());
      expiry = expiry.olderThan(before);
    }
    if (retainLast != null) {
      expiry = expiry.retainLast(retainLast);
    }
    return dryRun.on ? expiry.plan() : confirmed(session, expiry::run);
  }

  private SnapshotExpiry.Result confirmed(Session session, Supplier<SnapshotExpiry.Result> expiry) {
    session.confirm(
        "expire snapshots of " + table.name, "the past that they hold can no longer be read");
    return expiry.get();
  }

  private String summary(SnapshotExpiry.Result found) {
    return "%s %d snapshots%s of %s, with %d data files, %d delete files, %d manifests, %d manifest lists, %d other files"
        .formatted(
            dryRun.on ? "Would expire" : "Expired",
            found.snapshots().size(),
            found.refs().isEmpty() ? "" : " and the refs " + String.join(", ", found.refs()),
            table.name,
            found.dataFiles(),
            found.deleteFiles(),
            found.manifests(),
            found.manifestLists(),
            found.otherFiles());
  }

  private Map<String, @Nullable Object> fields(SnapshotExpiry.Result found) {
    return Result.of(table.name, dryRun)
        .with("snapshots", found.snapshots())
        .with("refs", found.refs())
        .with("data_files", found.dataFiles())
        .with("delete_files", found.deleteFiles())
        .with("manifests", found.manifests())
        .with("manifest_lists", found.manifestLists())
        .with("other_files", found.otherFiles())
        .map();
  }
}
