package dev.firn.cli.command;

import dev.firn.HistoryEntry;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "history",
    description = "List what was current on main and when, rolled-back states included.",
    footer = {"Examples:", "  firn history shop.orders"})
final class HistoryCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();

  @Override
  public void run(Session session) {
    List<HistoryEntry> history = session.table(table.name).history();
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("made_current_at"),
                Column.number("snapshot_id"),
                Column.number("parent_id"),
                Column.text("ancestor_of_current"),
                Column.text("operation")))) {
      for (HistoryEntry entry : history) {
        rows.row(
            Arrays.<@Nullable Object>asList(
                entry.madeCurrentAt(),
                entry.snapshotId(),
                entry.parentId(),
                entry.ancestor(),
                entry.operation()));
      }
    }
  }
}
