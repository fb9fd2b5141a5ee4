package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "rename",
    description = "Rename a table. Its files stay where they are.",
    footer = {"Examples:", "  firn rename shop.orders shop.orders_2025"})
final class RenameCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();

  @Parameters(index = "1", paramLabel = "NEW", description = "The new name, as NAMESPACE.TABLE.")
  String to = "";

  @Override
  public void run(Session session) {
    session.lake().renameTable(table.name, to);
    session.result(
        "Renamed %s to %s".formatted(table.name, to), Result.of(to).with("from", table.name).map());
  }
}
