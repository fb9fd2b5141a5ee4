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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "compact",
    description = "Merge small files into large ones and apply deletes. Readers and writers go on.",
    footer = {
      "Examples:",
      "  firn compact shop.orders --dry-run",
      "  firn compact shop.orders --target-file-size 256MB",
      "  firn compact shop.orders --where \"ordered_at >= DATE '2026-01-01'\" --all"
    })
final class CompactCommand implements FirnCommand {
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
      description = "How large files should become, such as 256MB.")
  @Nullable String targetFileSize;

  @Option(
      names = "--min-input-files",
      paramLabel = "N",
      description = "The fewest files worth merging.")
  @Nullable Integer minInputFiles;

  @Option(names = "--all", description = "Rewrite well-sized files too.")
  boolean all;

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
      compaction = compaction.targetFileSizeBytes(UnitText.bytes(targetFileSize));
    }
    if (minInputFiles != null) {
      compaction = compaction.minInputFiles(minInputFiles);
    }
    return all ? compaction.everything() : compaction;
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
                Column.number("output_files")))) {
      for (CompactionPlan.Group group : plan.groups()) {
        rows.row(
            List.of(
                group.partition(),
                group.files(),
                group.deleteFiles(),
                group.bytes(),
                group.outputFiles()));
      }
    }
    int files = plan.groups().stream().mapToInt(CompactionPlan.Group::files).sum();
    session.message(
        files == 0
            ? "Nothing to do in " + table.name
            : "Would rewrite %d files in %d groups of %s"
                .formatted(files, plan.groups().size(), table.name));
  }

  private String summary(CompactionResult result, double seconds) {
    if (result.snapshotId().isEmpty()) {
      return "Nothing to do in " + table.name;
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
            seconds);
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
        .map();
  }
}
