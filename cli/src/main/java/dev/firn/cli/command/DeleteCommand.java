package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.WhereText;
import org.apache.iceberg.expressions.Expression;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "delete",
    description = "Delete rows. They stay readable in the past until their snapshots expire.",
    footer = {
      "Examples:",
      "  firn delete shop.orders --where \"status = 'cancelled'\" --dry-run",
      "  firn delete shop.orders --where \"customer IN (17, 23)\" --yes"
    })
final class DeleteCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(
      names = "--where",
      required = true,
      paramLabel = "CONDITION",
      description = "The rows that go: those for which it is true.")
  String where = "";

  @Override
  public void run(Session session) {
    LakeTable lakeTable = session.table(table.name);
    Expression condition = WhereText.parse(where, lakeTable.schema());
    if (dryRun.on) {
      RowChangeText.tell(table.name, dryRun, lakeTable.deleting(condition).dryRun(), session);
      return;
    }
    session.confirm("delete from " + table.name, "every row where " + where + " goes");
    RowChangeText.tell(table.name, dryRun, lakeTable.deleting(condition).run(), session);
  }
}
