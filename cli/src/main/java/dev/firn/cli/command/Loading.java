package dev.firn.cli.command;

import dev.firn.Lakehouse;
import dev.firn.cli.run.Progress;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.UnitText;
import dev.firn.ingest.LoadJob;
import dev.firn.ingest.LoadPreview;
import dev.firn.ingest.LoadProgress;
import dev.firn.ingest.LoadRequest;
import dev.firn.ingest.LoadResult;
import dev.firn.ingest.SchemaText;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Runs a load for {@code load} and {@code append}, and tells of it. */
final class Loading {
  private Loading() {}

  /** Below either of these a rate says more of the start than of the load. */
  private static final double RATE_SECONDS = 1;

  private static final long RATE_ROWS = 1000;

  static void run(Lakehouse lake, LoadRequest request, Session session) {
    LoadResult result;
    try (Shown shown = new Shown(session)) {
      result = new LoadJob(lake, request.progress(shown)).run();
    }
    result.notes().forEach(session::message);
    result.schemaChanges().forEach(session::message);
    if (result.rejected() > 0) {
      session.message(
          "%s did not fit: 'firn scan %s' shows %s and why"
              .formatted(
                  count(result.rejected(), "row"),
                  result.rejectedTable(),
                  result.rejected() == 1 ? "it" : "them"));
    }
    session.result(
        summary(result),
        Result.of(result.table())
            .with("dry_run", false)
            .with("created", result.created())
            .with("rows", result.rows())
            .with("rejected", result.rejected())
            .with("rejected_table", result.rejectedTable())
            .with("files", result.files())
            .with("bytes", result.bytes())
            .with("data_files", result.dataFiles())
            .with("snapshot_id", result.snapshotId())
            .with("schema_changes", result.schemaChanges())
            .with("notes", result.notes())
            .with("seconds", result.duration().toMillis() / 1000.0)
            .map());
  }

  private static String summary(LoadResult result) {
    String files = files(result.files(), result.bytes());
    if (result.snapshotId() == null) {
      return "Nothing to append: %s %s; %s is as it was"
          .formatted(
              files,
              result.rejected() == 0 ? "without a row" : "without a row that fits",
              result.table());
    }
    double seconds = Math.max(1, result.duration().toMillis()) / 1000.0;
    boolean rated = seconds >= RATE_SECONDS && result.rows() >= RATE_ROWS;
    return String.format(
        Locale.ROOT,
        "%s %s: %s from %s in %.1f s%s",
        result.created() ? "Created" : "Appended to",
        result.table(),
        count(result.rows(), "row"),
        files,
        seconds,
        rated ? String.format(Locale.ROOT, ", %,.0f rows/s", result.rows() / seconds) : "");
  }

  private static String files(int files, long bytes) {
    return "%s (%s)".formatted(count(files, "file"), UnitText.showBytes(bytes));
  }

  /** Returns a number with its noun, which takes an s for more than one. */
  private static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }

  /** Does all but the writing; {@code lake} is null where there is none yet. */
  static void dryRun(@Nullable Lakehouse lake, LoadRequest request, Session session) {
    LoadProgress stopping = (phase, bytes, total, rows) -> session.checkInterrupted();
    LoadPreview preview = LoadPreview.of(lake, request.progress(stopping));
    preview.notes().forEach(session::message);
    preview.schemaChanges().forEach(change -> session.message("would have " + change));
    if (preview.rejected() > 0) {
      session.message("%s would not fit".formatted(count(preview.rejected(), "row")));
    }
    String schema = SchemaText.format(preview.schema());
    session.result(
        "Would %s %s from %s, %s looked at: %s"
            .formatted(
                preview.creates() ? "create" : "append to",
                preview.table(),
                files(preview.files(), preview.bytes()),
                count(preview.rows(), "row"),
                schema),
        Result.of(preview.table())
            .with("dry_run", true)
            .with("created", preview.creates())
            .with("schema", schema)
            .with("schema_changes", preview.schemaChanges())
            .with("files", preview.files())
            .with("bytes", preview.bytes())
            .with("rows_looked_at", preview.rows())
            .with("rejected", preview.rejected())
            .with("notes", preview.notes())
            .map());
  }

  /** A bar for each phase, from when its size is known. */
  private static final class Shown implements LoadProgress, AutoCloseable {
    private final Session session;
    private @Nullable Phase phase;
    private @Nullable Progress bar;

    Shown(Session session) {
      this.session = session;
    }

    @Override
    public void update(Phase now, long bytes, long totalBytes, long rows) {
      Progress shown = bar;
      if (shown == null || now != phase) {
        close();
        phase = now;
        shown = session.progress(task(now), totalBytes);
        bar = shown;
        if (now == Phase.COMMITTING) {
          session.committing();
        }
      }
      shown.update(bytes, rows);
    }

    private static String task(Phase phase) {
      return switch (phase) {
        case INFERRING -> "Looking";
        case LOADING -> "Loading";
        case COMMITTING -> "Committing";
      };
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
