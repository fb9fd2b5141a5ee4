package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Progress;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.UnitText;
import dev.firn.cli.text.WhereText;
import dev.firn.compaction.Compaction;
import dev.firn.compaction.CompactionPlan;
import dev.firn.compaction.CompactionResult;
import dev.firn.error.FirnException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "compact",
    description = "Merge small files into large ones and apply deletes. Readers and writers go on.",
    footer = {
      "Examples:",
      "  firn compact shop.orders --dry-run",
      "  firn compact shop.orders --target-file-size 256MB --max-duration 10m --partial-progress 1",
      "  firn compact shop.orders --min-age 5m --cold-after 1h",
      "  firn compact shop.orders --sort \"customer, ordered_at desc\"",
      "  firn compact shop.orders --hilbert customer,ordered_at --all",
      "  firn compact shop.orders --where \"ordered_at >= DATE '2026-01-01'\" --all"
    })
final class CompactCommand implements FirnCommand {
  private static final long LEAST_TARGET = 1_000_000;

  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(
      names = "--where",
      paramLabel = "CONDITION",
      description = "Only files that may hold rows for which it is true.")
  @Nullable String where;

  @Option(
      names = "--target-file-size",
      paramLabel = "SIZE",
      description =
          "How large files should become, such as 256MB, at least 1MB (default: the table's, 512MiB).")
  @Nullable String targetFileSize;

  @Option(
      names = "--min-input-files",
      paramLabel = "N",
      description = "The fewest small files worth merging (default: 2).")
  @Nullable Integer minInputFiles;

  @Option(
      names = "--delete-ratio",
      paramLabel = "SHARE",
      description =
          "Rewrite files from this share of deleted rows on, above 0 and at most 1 (default: 0.3).")
  @Nullable Double deleteRatio;

  @Option(
      names = "--min-age",
      paramLabel = "DURATION",
      description = "Leave files alone that were committed less than this ago, such as 10m.")
  @Nullable String minAge;

  @Option(
      names = "--cold-after",
      paramLabel = "DURATION",
      description =
          "In partitions with files younger than this, such as 1h, only merge small files of like"
              + " size.")
  @Nullable String coldAfter;

  @Option(names = "--all", description = "Rewrite well-sized files too.")
  boolean all;

  @ArgGroup(multiplicity = "0..1")
  @Nullable CompactOrder order;

  @ArgGroup(exclusive = false, heading = "Budget:%n")
  CompactBudget budget = new CompactBudget();

  @Override
  public void run(Session session) {
    LakeTable lakeTable = session.table(table.name);
    Compaction compaction = configure(lakeTable);
    if (dryRun.on) {
      plan(compaction.plan(), session);
      return;
    }
    long started = System.nanoTime();
    CompactionResult result = run(compaction, session);
    double seconds = (System.nanoTime() - started) / 1e9;
    session.result(summary(result, seconds), fields(result));
  }

  private Compaction configure(LakeTable lakeTable) {
    Compaction compaction = lakeTable.compact();
    if (where != null) {
      compaction = compaction.where(WhereText.parse(where, lakeTable.schema()));
    }
    if (targetFileSize != null) {
      compaction = compaction.targetFileSizeBytes(target(targetFileSize));
    }
    if (minInputFiles != null) {
      compaction = compaction.minInputFiles(minInputFiles);
    }
    if (deleteRatio != null) {
      compaction = compaction.deleteRatio(deleteRatio);
    }
    if (minAge != null) {
      compaction = compaction.minAge(UnitText.duration(minAge));
    }
    if (coldAfter != null) {
      compaction = compaction.coldAfter(UnitText.duration(coldAfter));
    }
    compaction = order == null ? compaction : order.on(compaction, lakeTable.schema());
    compaction = budget.on(compaction);
    return all ? compaction.everything() : compaction;
  }

  /** Bytes without a unit are most likely megabytes, and would take a file for each row. */
  private long target(String text) {
    long bytes = UnitText.bytes(text);
    if (bytes < LEAST_TARGET) {
      throw FirnException.invalid(
          "Cannot compact %s: --target-file-size is too small, expected 1MB or more, got %s"
              .formatted(table.name, text));
    }
    return bytes;
  }

  private static CompactionResult run(Compaction compaction, Session session) {
    long total = compaction.plan().groups().stream().mapToLong(CompactionPlan.Group::bytes).sum();
    try (Progress progress = session.progress("Compacting", total)) {
      return compaction.progress((done, of, rows) -> progress.update(done, rows)).run();
    }
  }

  private void plan(CompactionPlan plan, Session session) {
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("partition"),
                Column.number("files"),
                Column.number("delete_files"),
                Column.number("bytes"),
                Column.number("output_files"),
                Column.number("files_avoided"),
                Column.number("dead_bytes"),
                Column.number("gain_per_byte"),
                Column.text("reason")))) {
      for (CompactionPlan.Group group : plan.groups()) {
        rows.row(
            Arrays.asList(
                group.partition(),
                group.files(),
                group.deleteFiles(),
                group.bytes(),
                group.outputFiles(),
                group.filesAvoided(),
                group.deadBytes(),
                // Nothing is read: no number says how much that is worth.
                Double.isInfinite(group.gainPerByte())
                    ? null
                    : Math.round(group.gainPerByte() * 100) / 100.0,
                group.reason()));
      }
    }
    int files = plan.groups().stream().mapToInt(CompactionPlan.Group::files).sum();
    session.message(
        files == 0
            ? "Nothing to do in " + table.name
            : "Would rewrite %d files in %d groups of %s"
                    .formatted(files, plan.groups().size(), table.name)
                + (plan.groupsLeft() == 0
                    ? ""
                    : "; %d more groups are beyond the budget".formatted(plan.groupsLeft())));
  }

  private String summary(CompactionResult result, double seconds) {
    if (result.commits() == 0) {
      return result.groupsLeft() == 0
          ? "Nothing to do in " + table.name
          : "Nothing done in %s: %d groups are beyond the budget"
              .formatted(table.name, result.groupsLeft());
    }
    return "Compacted %s: %d files (%s) became %d (%s), %d delete files gone, %,d rows, %.1f s"
            .formatted(
                table.name,
                result.filesBefore(),
                UnitText.showBytes(result.bytesBefore()),
                result.filesAfter(),
                UnitText.showBytes(result.bytesAfter()),
                result.deleteFilesRemoved(),
                result.rowsWritten(),
                seconds)
        + (result.groupsLeft() == 0 ? "" : "; %d groups left".formatted(result.groupsLeft()));
  }

  private Map<String, @Nullable Object> fields(CompactionResult result) {
    return Result.of(table.name, dryRun)
        .with("snapshot_id", result.snapshotId())
        .with("files_before", result.filesBefore())
        .with("files_after", result.filesAfter())
        .with("delete_files_removed", result.deleteFilesRemoved())
        .with("bytes_before", result.bytesBefore())
        .with("bytes_after", result.bytesAfter())
        .with("rows", result.rowsWritten())
        .with("conflicts_retried", result.conflictsRetried())
        .with("commits", result.commits())
        .with("groups", result.groups())
        .with("groups_left", result.groupsLeft())
        .map();
  }
}
