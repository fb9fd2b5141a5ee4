package dev.firn.cli.command;

import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.Sweep;
import dev.firn.catalog.intent.SweepResult;
import dev.firn.catalog.intent.SweptFiles;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.UnitText;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "clean-orphans",
    description = {
      "Remove files that dead writers left: into quarantine first, deleted later.",
      "Files that a writer at work or a snapshot can reach are never touched."
    },
    footer = {
      "Examples:",
      "  firn clean-orphans --dry-run",
      "  firn clean-orphans shop.orders --delete-after 7d --yes",
      "  firn clean-orphans --undo 0b9e1d1c-5a1e-4b52-9f57-0d7c3f0f6a55",
      "  firn clean-orphans shop.orders --listing --older-than 7d"
    })
final class CleanOrphansCommand implements FirnCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TABLE",
      description = "Only files of this table, as NAMESPACE.TABLE.")
  @Nullable String table;

  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(
      names = "--delete-after",
      paramLabel = "DURATION",
      description = "How long files stay in quarantine (default: 24h).")
  @Nullable String deleteAfter;

  @Option(
      names = "--undo",
      paramLabel = "ID",
      description = "Take files back from quarantine; they are left alone from then on.")
  @Nullable String undo;

  @Option(
      names = "--listing",
      description =
          "Search the table's directories for files of foreign writers; with --yes, quarantine them.")
  boolean listing;

  @Option(
      names = "--older-than",
      paramLabel = "DURATION",
      description = "With --listing: only files so old (default: 3d, at least 1d).")
  @Nullable String olderThan;

  @Override
  public void run(Session session) {
    if (olderThan != null && !listing) {
      throw FirnException.invalid(
          "Cannot clean orphans: --older-than is for --listing; files of our own writers are known by name, not by age");
    }
    if (undo != null) {
      undo(undo, session);
    } else if (listing) {
      list(session);
    } else {
      sweep(session);
    }
  }

  private static void undo(String text, Session session) {
    UUID id;
    try {
      id = UUID.fromString(text.strip());
    } catch (IllegalArgumentException e) {
      throw FirnException.invalid(
          "Cannot take back '%s': expected an id such as 'firn clean-orphans --dry-run' shows"
              .formatted(text));
    }
    session.lake().sweep().undo(id);
    session.result(
        "Took " + id + " back from quarantine", Result.of("").with("id", id.toString()).map());
  }

  private void sweep(Session session) {
    Sweep sweep = session.lake().sweep();
    sweep = table == null ? sweep : sweep.table(table);
    sweep = deleteAfter == null ? sweep : sweep.deleteAfter(UnitText.duration(deleteAfter));
    SweepResult result = sweep.plan();
    if (!dryRun.on) {
      int files = files(result.deleted());
      if (files > 0) {
        session.confirm("delete " + files + " quarantined files", "this cannot be undone");
      }
      result = sweep.run();
    }
    if (table != null && isEmpty(result)) {
      // A table that was dropped may have left files; one that never was is mistyped.
      var unused = session.table(table);
    }
    print(result, session);
  }

  private static boolean isEmpty(SweepResult result) {
    return Stream.of(result.quarantined(), result.waiting(), result.kept(), result.deleted())
        .allMatch(List::isEmpty);
  }

  private void print(SweepResult result, Session session) {
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("id"),
                Column.text("table"),
                Column.text("state"),
                Column.text("found_by"),
                Column.text("since"),
                Column.number("files")))) {
      print(result.quarantined(), dryRun.on ? "dead" : "quarantined", rows);
      print(result.waiting(), "quarantined", rows);
      print(result.kept(), "kept", rows);
      print(result.deleted(), dryRun.on ? "due" : "deleted", rows);
    }
    result
        .stillNeeded()
        .forEach(file -> session.message("A table refers to " + file + ": it is left alone"));
    session.message(
        "%s %d files, %s %d, %d wait in quarantine"
            .formatted(
                dryRun.on ? "Would quarantine" : "Quarantined",
                files(result.quarantined()),
                dryRun.on ? "would delete" : "deleted",
                files(result.deleted()),
                files(result.waiting())));
    if (!result.failures().isEmpty()) {
      result.failures().forEach(session::message);
      throw new FirnException(
          ErrorKind.UNAVAILABLE,
          "Cannot clean all orphans: %d of them could not be looked at or deleted, for the reasons above; run it again"
              .formatted(result.failures().size()));
    }
  }

  private static void print(List<SweptFiles> all, String state, RowPrinter rows) {
    for (SweptFiles each : all) {
      rows.row(
          List.of(
              each.id().toString(),
              each.table(),
              state,
              each.reason(),
              each.since().toString(),
              each.files().size()));
    }
  }

  private static int files(List<SweptFiles> all) {
    return all.stream().mapToInt(each -> each.files().size()).sum();
  }

  private void list(Session session) {
    String name = table;
    if (name == null) {
      throw FirnException.invalid(
          "Cannot list orphans: no table is named, expected firn clean-orphans NAMESPACE.TABLE --listing");
    }
    OrphanSearch search = session.table(name).orphans();
    search = olderThan == null ? search : search.olderThan(UnitText.duration(olderThan));
    if (dryRun.on || !session.sure()) {
      List<OrphanSearch.Orphan> found = search.plan();
      print(found, session);
      session.message(
          "Found %d files of %s that nobody refers to%s"
              .formatted(found.size(), name, found.isEmpty() ? "" : "; --yes quarantines them"));
      return;
    }
    OrphanSearch.Quarantined quarantined = search.run();
    print(quarantined.files(), session);
    session.message(
        "Quarantined %d files of %s%s"
            .formatted(
                quarantined.files().size(),
                name,
                quarantined.id().map(id -> "; --undo " + id + " takes them back").orElse("")));
  }

  private static void print(List<OrphanSearch.Orphan> orphans, Session session) {
    try (RowPrinter rows =
        session.rows(
            List.of(Column.text("location"), Column.number("bytes"), Column.text("modified_at")))) {
      for (OrphanSearch.Orphan each : orphans) {
        rows.row(List.of(each.location(), each.bytes(), each.modifiedAt().toString()));
      }
    }
  }
}
