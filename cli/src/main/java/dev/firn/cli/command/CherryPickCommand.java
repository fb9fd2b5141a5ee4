package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import org.apache.iceberg.Snapshot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "cherry-pick",
    description = "Apply to main the change that one snapshot made, on a branch or staged.",
    footer = {"Examples:", "  firn cherry-pick shop.orders 4358109269724410237"})
final class CherryPickCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();

  @Parameters(index = "1", paramLabel = "SNAPSHOT", description = "The snapshot's id.")
  long snapshot;

  @Override
  public void run(Session session) {
    LakeTable lakeTable = session.table(table.name);
    lakeTable.cherryPick(snapshot);
    Snapshot head = lakeTable.iceberg().currentSnapshot();
    session.result(
        "Applied the change of snapshot %d to %s".formatted(snapshot, table.name),
        Result.of(table.name)
            .with("picked_snapshot_id", snapshot)
            .with("snapshot_id", head == null ? null : head.snapshotId())
            .map());
  }
}
