package dev.firn.cli.command;

import dev.firn.SnapshotInfo;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.SnapshotSummary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "snapshots",
    description = "List the retained snapshots of a table, oldest first.",
    footer = {"Examples:", "  firn snapshots shop.orders", "  firn snapshots shop.orders -o json"})
final class SnapshotsCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();

  @Override
  public void run(Session session) {
    List<SnapshotInfo> snapshots = session.table(table.name).snapshots();
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.number("snapshot_id"),
                Column.text("committed_at"),
                Column.text("operation"),
                Column.number("added_rows"),
                Column.number("deleted_rows"),
                Column.number("total_rows"),
                Column.number("data_files"),
                Column.number("parent_id"),
                Column.text("refs")))) {
      snapshots.forEach(snapshot -> rows.row(row(snapshot)));
    }
  }

  private static List<@Nullable Object> row(SnapshotInfo snapshot) {
    RowCounts counts = new RowCounts(snapshot.summary());
    return Arrays.<@Nullable Object>asList(
        snapshot.id(),
        snapshot.committedAt(),
        snapshot.operation(),
        counts.addedRows(),
        counts.deletedRows(),
        counts.liveRows(),
        counts.total(SnapshotSummary.TOTAL_DATA_FILES_PROP),
        snapshot.parentId(),
        String.join(",", snapshot.refs()));
  }
}
