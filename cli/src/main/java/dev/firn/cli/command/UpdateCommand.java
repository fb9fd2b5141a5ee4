package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.change.TableUpdate;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.SetText;
import dev.firn.cli.text.WhereText;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "update",
    description = "Change columns of rows. Old values stay readable until their snapshots expire.",
    footer = {
      "Examples:",
      "  firn update shop.orders --set status=paid --where \"id = 7\"",
      "  firn update shop.orders --set status=NULL --set total=0 --where \"id < 0\" --dry-run"
    })
final class UpdateCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(
      names = "--set",
      required = true,
      paramLabel = "COLUMN=VALUE",
      description = "A column's new value; NULL for none; '…' for text as it stands; repeatable.")
  List<String> set = new ArrayList<>();

  @Option(
      names = "--where",
      required = true,
      paramLabel = "CONDITION",
      description = "The rows that change: those for which it is true.")
  String where = "";

  @Override
  public void run(Session session) {
    LakeTable lakeTable = session.table(table.name);
    Schema schema = lakeTable.schema();
    TableUpdate update = lakeTable.update(WhereText.parse(where, schema));
    for (String each : set) {
      SetText assignment = SetText.parse(each, schema);
      update.set(assignment.column(), assignment.value());
    }
    if (!dryRun.on) {
      session.confirm("update " + table.name, "every row where " + where + " changes");
    }
    RowChangeText.tell(table.name, dryRun, dryRun.on ? update.dryRun() : update.run(), session);
  }
}
