package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.compaction.DeleteConversion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "convert-deletes",
    description =
        "Turn equality deletes, as other engines write them, into deletion vectors (format v3) or"
            + " position deletes (v2), which are cheaper to read; and position delete files into"
            + " deletion vectors (v3), or those of one data file into one (v2). No row changes.",
    footer = {
      "Examples:",
      "  firn convert-deletes shop.orders --dry-run",
      "  firn convert-deletes shop.orders --kind all"
    })
final class ConvertDeletesCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "Which delete files: equality (default), position or all.")
  DeleteConversion.Kind kind = DeleteConversion.Kind.EQUALITY;

  @Override
  public void run(Session session) {
    DeleteConversion conversion = session.table(table.name).convertDeletes().kind(kind);
    DeleteConversion.Result found = dryRun.on ? conversion.dryRun() : conversion.run();
    session.result(
        summary(found),
        Result.of(table.name, dryRun)
            .with("snapshot_id", found.snapshotId())
            .with("equality_delete_files", found.equalityDeleteFiles())
            .with("position_delete_files", found.positionDeleteFiles())
            .with("data_files", found.dataFiles())
            .with("rows", found.rows())
            .map());
  }

  private String summary(DeleteConversion.Result found) {
    if (found.isNothing()) {
      return "Nothing to do in " + table.name;
    }
    return "%s %d equality and %d position delete files of %s: %d data files, and %d rows by equality"
        .formatted(
            dryRun.on ? "Would convert" : "Converted",
            found.equalityDeleteFiles(),
            found.positionDeleteFiles(),
            table.name,
            found.dataFiles(),
            found.rows());
  }
}
