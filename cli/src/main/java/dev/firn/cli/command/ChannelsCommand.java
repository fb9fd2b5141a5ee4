package dev.firn.cli.command;

import dev.firn.ChannelInfo;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "channels",
    description =
        "List the exactly-once channels of a table: how often each was opened, the token up to which its source is in the table, and the snapshot that brought it.",
    footer = {"Examples:", "  firn channels shop.orders", "  firn channels shop.orders -o json"})
final class ChannelsCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();

  @Override
  public void run(Session session) {
    List<ChannelInfo> channels = session.table(table.name).channels();
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("channel"),
                Column.number("epoch"),
                Column.text("token"),
                Column.number("snapshot_id"),
                Column.text("updated_at")))) {
      for (ChannelInfo each : channels) {
        rows.row(
            Arrays.asList(
                each.channel(), each.epoch(), each.token(), each.snapshotId(), each.updatedAt()));
      }
    }
  }
}
