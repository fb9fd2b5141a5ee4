package dev.firn.cli.command;

import dev.firn.HistoryEntry;
import dev.firn.LakeTable;
import dev.firn.RefInfo;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.PointInTime;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.time.Instant;
import java.util.List;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "rollback",
    description =
        "Make an earlier state of a table current again. What came after stays readable by snapshot id until it expires.",
    footer = {
      "Examples:",
      "  firn rollback shop.orders 4358109269724410237",
      "  firn rollback shop.orders 2026-01-31T12:00:00Z --dry-run",
      "  firn rollback shop.orders before-migration --yes"
    })
final class RollbackCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Parameters(
      index = "1",
      paramLabel = "POINT",
      description = "A snapshot id, a time, how long ago (2h), or a tag.")
  String point = "";

  @Override
  public void run(Session session) {
    LakeTable lakeTable = session.table(table.name);
    Table iceberg = lakeTable.iceberg();
    Snapshot current = iceberg.currentSnapshot();
    if (current == null) {
      throw FirnException.invalid(
          "Cannot roll back %s: it has no snapshot yet".formatted(table.name));
    }
    long target = target(lakeTable, PointInTime.parse(point, session.clock()));
    Snapshot to = iceberg.snapshot(target);
    if (to == null) {
      throw FirnException.notFound(
          "Cannot roll back %s to snapshot %d: it never was, or has expired; 'firn snapshots %s' lists the retained ones"
              .formatted(table.name, target, table.name));
    }
    long from = current.snapshotId();
    String change = "%s from snapshot %d to %d".formatted(table.name, from, target);
    if (!dryRun.on && from != target) {
      session.confirm(
          "roll back " + change,
          "readers will see the table as of " + Instant.ofEpochMilli(to.timestampMillis()));
      lakeTable.rollback(target);
    }
    session.result(
        (dryRun.on ? "Would roll back " : "Rolled back ") + change,
        Result.of(table.name, dryRun)
            .with("from_snapshot_id", from)
            .with("snapshot_id", target)
            .map());
  }

  private long target(LakeTable lakeTable, PointInTime at) {
    if (at instanceof PointInTime.Snapshot snapshot) {
      return snapshot.id();
    }
    if (at instanceof PointInTime.At instant) {
      return currentAt(lakeTable, instant.instant());
    }
    String name = ((PointInTime.Ref) at).name();
    List<RefInfo> refs = lakeTable.refs();
    return refs.stream()
        .filter(ref -> ref.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                FirnException.notFound(
                    "Cannot roll back %s to '%s': expected a snapshot id, a time or a tag%s"
                        .formatted(
                            table.name,
                            name,
                            NearMatch.hint(name, refs.stream().map(RefInfo::name).toList()))))
        .snapshotId();
  }

  private long currentAt(LakeTable lakeTable, Instant instant) {
    return lakeTable.history().stream()
        .filter(entry -> entry.ancestor() && !entry.madeCurrentAt().isAfter(instant))
        .reduce((first, second) -> second)
        .map(HistoryEntry::snapshotId)
        .orElseThrow(
            () ->
                FirnException.notFound(
                    "Cannot roll back %s to %s: it had no snapshot then; 'firn history %s' shows since when it has"
                        .formatted(table.name, instant, table.name)));
  }
}
