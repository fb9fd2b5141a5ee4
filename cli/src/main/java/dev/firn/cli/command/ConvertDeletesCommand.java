package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.compaction.DeleteConversion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "convert-deletes",
    description =
        "Turn equality deletes, as other engines write them, into deletion vectors (format v3) or position deletes (v2), which are cheaper to read. No row changes.",
    footer = {
      "Examples:",
      "  firn convert-deletes shop.orders --dry-run",
      "  firn convert-deletes shop.orders"
    })
final class ConvertDeletesCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Override
  public void run(Session session) {
    DeleteConversion conversion = session.table(table.name).convertDeletes();
    DeleteConversion.Result found = dryRun.on ? conversion.dryRun() : conversion.run();
    session.result(
        summary(found),
        Result.of(table.name, dryRun)
            .with("snapshot_id", found.snapshotId())
            .with("equality_delete_files", found.equalityDeleteFiles())
            .with("data_files", found.dataFiles())
            .with("rows", found.rows())
            .map());
  }

  private String summary(DeleteConversion.Result found) {
    if (found.equalityDeleteFiles() == 0) {
      return "Nothing to do in " + table.name;
    }
    return "%s %d equality delete files of %s: they take %d rows of %d data files"
        .formatted(
            dryRun.on ? "Would convert" : "Converted",
            found.equalityDeleteFiles(),
            table.name,
            found.rows(),
            found.dataFiles());
  }
}
