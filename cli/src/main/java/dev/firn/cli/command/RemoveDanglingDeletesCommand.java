package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.compaction.DanglingDeletes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "remove-dangling-deletes",
    description =
        "Forget delete files that apply to no data file any more, so that plans and metadata are"
            + " without them. No row changes; the files go with the snapshots that have them.",
    footer = {
      "Examples:",
      "  firn remove-dangling-deletes shop.orders --dry-run",
      "  firn remove-dangling-deletes shop.orders"
    })
final class RemoveDanglingDeletesCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Override
  public void run(Session session) {
    DanglingDeletes removal = session.table(table.name).removeDanglingDeletes();
    DanglingDeletes.Result found = dryRun.on ? removal.dryRun() : removal.run();
    session.result(
        summary(found),
        Result.of(table.name, dryRun)
            .with("snapshot_id", found.snapshotId())
            .with("position_delete_files", found.positionDeleteFiles())
            .with("deletion_vectors", found.deletionVectors())
            .with("equality_delete_files", found.equalityDeleteFiles())
            .map());
  }

  private String summary(DanglingDeletes.Result found) {
    if (found.total() == 0) {
      return "Nothing to do in " + table.name;
    }
    return "%s %d position delete files, %d deletion vectors, %d equality delete files of %s"
        .formatted(
            dryRun.on ? "Would remove" : "Removed",
            found.positionDeleteFiles(),
            found.deletionVectors(),
            found.equalityDeleteFiles(),
            table.name);
  }
}
