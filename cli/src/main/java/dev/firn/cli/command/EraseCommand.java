package dev.firn.cli.command;

import dev.firn.LakeTable;
import dev.firn.cli.output.JsonObject;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.WhereText;
import dev.firn.compaction.erase.CheckedFile;
import dev.firn.compaction.erase.Erasure;
import dev.firn.compaction.erase.ErasurePlan;
import dev.firn.compaction.erase.ErasureReport;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "erase",
    description =
        "Remove rows from every file of every snapshot and branch, deleted rows too, and prove it. Snapshots that have them expire.",
    footer = {
      "Examples:",
      "  firn erase shop.orders --where \"customer_id = 42\" --dry-run",
      "  firn erase shop.orders --where \"customer_id = 42\" --report erased.json --yes"
    })
final class EraseCommand implements FirnCommand {
  @Mixin TableParameter table = new TableParameter();
  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(
      names = "--where",
      required = true,
      paramLabel = "CONDITION",
      description = "The rows that go: those for which it is true.")
  String where = "";

  @Option(
      names = "--drop-tags",
      description = "Drop tags of snapshots that have such rows, instead of refusing.")
  boolean dropTags;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "Write the proof to a file, as JSON: each file that is left, and what is in it.")
  @Nullable Path report;

  @Override
  public void run(Session session) {
    LakeTable lakeTable = session.table(table.name);
    Erasure erasure =
        lakeTable.erase(WhereText.parse(where, lakeTable.schema())).describedAs(where);
    if (dryRun.on) {
      plan(erasure.plan(), session);
      return;
    }
    session.confirm(
        "erase rows of " + table.name,
        "every row where "
            + where
            + " goes for good, and with it every snapshot that has one but the newest of each branch");
    requireWritable();
    ErasureReport done = (dropTags ? erasure.dropTags() : erasure).run();
    write(done);
    session.result(summary(done), fields(done));
    refuseRemains(done);
  }

  private void plan(ErasurePlan plan, Session session) {
    long live = plan.liveRows().values().stream().mapToLong(Long::longValue).sum();
    String summary =
        plan.isEmpty()
            ? "Nothing to erase from " + table.name
            : "Would erase from %s: %,d rows stored, %,d of them live, in %d data files; %d snapshots and %d tags would go; %d leftover files hold such rows, or cannot be told"
                .formatted(
                    table.name,
                    plan.storedRows(),
                    live,
                    plan.dataFiles().size(),
                    plan.snapshots().size(),
                    plan.tags().size(),
                    plan.leftovers().size());
    session.result(
        summary,
        Result.of(table.name, dryRun)
            .with("live_rows", plan.liveRows())
            .with("stored_rows", plan.storedRows())
            .with("data_files", plan.dataFiles())
            .with("delete_files", plan.deleteFiles())
            .with("snapshots", plan.snapshots())
            .with("tags", plan.tags())
            .with("leftovers", plan.leftovers().stream().map(CheckedFile::location).toList())
            .map());
  }

  /** Before anything goes: the proof is of no use in a place where it cannot be written. */
  private void requireWritable() {
    if (report == null) {
      return;
    }
    try {
      Files.newOutputStream(report, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    } catch (IOException e) {
      throw FirnException.invalid(
          "Cannot erase rows of %s: the report cannot be written to %s (%s); nothing was changed"
              .formatted(table.name, report, e.getClass().getSimpleName()));
    }
  }

  private void write(ErasureReport done) {
    Path file = report;
    if (file == null) {
      return;
    }
    Map<String, @Nullable Object> all =
        Result.of(done.table())
            .with("table_uuid", done.tableUuid())
            .with("where", done.where())
            .with("started_at", done.startedAt().toString())
            .with("ended_at", done.endedAt().toString())
            .with("proven", done.isProven())
            .with("heads", done.heads())
            .with("rows_deleted", done.rowsDeleted())
            .with("files_rewritten", done.filesRewritten())
            .with("snapshots_expired", done.snapshotsExpired())
            .with("tags_dropped", done.tagsDropped())
            .with("files_removed", done.filesRemoved())
            .with("files", done.files().stream().map(EraseCommand::file).toList())
            .with("outside", done.outside())
            .map();
    try {
      Files.writeString(file, JsonObject.text(all) + System.lineSeparator());
    } catch (IOException e) {
      throw FirnException.unavailable(
          "Cannot write the report of an erasure that is done: %s [%s]"
              .formatted(e.getMessage(), file),
          e);
    }
  }

  private static Map<String, @Nullable Object> file(CheckedFile file) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("location", file.location());
    fields.put("kind", file.kind());
    fields.put("reachable", file.reachable());
    fields.put("rows", file.rows());
    fields.put("matches", file.matches());
    fields.put("remedy", file.remedy());
    return fields;
  }

  private String summary(ErasureReport done) {
    String did =
        "%s: %,d rows deleted, %d files rewritten, %d snapshots expired, %d files removed; %d files read, %d of them hold such rows, or cannot be told"
            .formatted(
                table.name,
                done.rowsDeleted(),
                done.filesRewritten(),
                done.snapshotsExpired().size(),
                done.filesRemoved().size(),
                done.files().size(),
                done.remaining().size());
    return "Erased from " + did + ". Not looked at: " + String.join("; ", done.outside());
  }

  private Map<String, @Nullable Object> fields(ErasureReport done) {
    return Result.of(table.name, dryRun)
        .with("proven", done.isProven())
        .with("rows_deleted", done.rowsDeleted())
        .with("files_rewritten", done.filesRewritten())
        .with("snapshots_expired", done.snapshotsExpired())
        .with("tags_dropped", done.tagsDropped())
        .with("files_removed", done.filesRemoved().size())
        .with("files_read", done.files().size())
        .with("remaining", done.remaining().stream().map(EraseCommand::file).toList())
        .map();
  }

  private void refuseRemains(ErasureReport done) {
    if (done.isProven()) {
      return;
    }
    CheckedFile first = done.remaining().get(0);
    throw new FirnException(
        ErrorKind.CONFLICT,
        "Cannot prove that rows of %s are erased: %d files may still hold some, the first: %s [%s]; --report FILE lists all"
            .formatted(table.name, done.remaining().size(), first.remedy(), first.location()));
  }
}
