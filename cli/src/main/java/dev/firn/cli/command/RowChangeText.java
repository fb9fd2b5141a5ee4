package dev.firn.cli.command;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.change.ChangeReceipt;
import dev.firn.cli.run.Session;
import java.util.ArrayList;
import java.util.List;

/** Tells what a change of rows did, or would do. */
final class RowChangeText {
  private RowChangeText() {}

  static void tell(String table, DryRunOption dryRun, ChangeReceipt change, Session session) {
    session.result(
        sentence(table, dryRun, change),
        Result.of(table, dryRun)
            .with("rows", change.rows())
            .with("inserted", change.inserted())
            .with("updated", change.updated())
            .with("deleted", change.deleted())
            .with("files_removed", change.filesRemoved())
            .with("files_marked", change.filesMarked())
            .with("files_added", dryRun.on ? null : (Object) change.filesAdded())
            .with("snapshot_id", change.commit().map(CommitReceipt::snapshotId).orElse(null))
            .map());
  }

  private static String sentence(String table, DryRunOption dryRun, ChangeReceipt change) {
    if (change.rows() == 0) {
      return "Nothing to change: %s is as it was".formatted(table);
    }
    List<String> parts = new ArrayList<>();
    add(parts, dryRun.on ? "insert" : "inserted", change.inserted());
    add(parts, dryRun.on ? "update" : "updated", change.updated());
    add(parts, dryRun.on ? "delete" : "deleted", change.deleted());
    String did = String.join(", ", parts);
    String first = did.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + did.substring(1);
    return "%s rows of %s: %d files %sremoved, %d marked"
        .formatted(
            dryRun.on ? "Would " + did : first,
            table,
            change.filesRemoved(),
            dryRun.on ? "to be " : "",
            change.filesMarked());
  }

  private static void add(List<String> parts, String verb, long rows) {
    if (rows > 0) {
      parts.add("%s %,d".formatted(verb, rows));
    }
  }
}
