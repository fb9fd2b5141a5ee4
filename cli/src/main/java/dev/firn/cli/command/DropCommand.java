package dev.firn.cli.command;

import dev.firn.Lakehouse;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.UnitText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "drop",
    description = "Drop a table: its name goes, and with --purge its files.",
    footer = {
      "Examples:",
      "  firn drop shop.orders --dry-run",
      "  firn drop shop.orders --yes",
      "  firn drop shop.orders --purge --yes"
    })
final class DropCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(names = "--purge", description = "Remove the table's files too; this cannot be undone.")
  boolean purge;

  @Override
  public void run(Session session) {
    Lakehouse lake = session.lake();
    TableSummary summary = TableSummary.of(lake.table(table.name).iceberg());
    Long bytes = summary.bytes();
    String size = bytes == null ? "" : " (" + UnitText.showBytes(bytes) + ")";
    if (!dryRun.on) {
      session.confirm(
          "drop " + table.name,
          purge ? "its files" + size + " are removed for good" : "its files" + size + " stay");
      if (purge) {
        lake.purgeTable(table.name);
      } else {
        lake.dropTable(table.name);
      }
    }
    session.result(
        "%s %s%s"
            .formatted(
                dryRun.on ? "Would drop" : "Dropped",
                table.name,
                purge ? " and its files" + size : "; its files stay"),
        Result.of(table.name, dryRun).with("purged", purge).with("bytes", bytes).map());
  }
}
