package dev.firn.cli.command;

import dev.firn.Lakehouse;
import dev.firn.cli.run.Progress;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.UnitText;
import dev.firn.ingest.LoadJob;
import dev.firn.ingest.LoadProgress;
import dev.firn.ingest.LoadRequest;
import dev.firn.ingest.LoadResult;
import dev.firn.ingest.SchemaText;
import dev.firn.ingest.read.Inference;
import dev.firn.ingest.read.InferredSchema;
import dev.firn.ingest.read.InputSet;
import dev.firn.ingest.read.ReadMonitor;
import dev.firn.ingest.read.ReadOptions;
import dev.firn.ingest.read.RejectHandler;
import dev.firn.ingest.read.Source;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/** Runs a load for {@code load} and {@code append}, and tells of it. */
final class Loading {
  private Loading() {}

  static void run(Lakehouse lake, LoadRequest request, Session session) {
    LoadResult result;
    try (Shown shown = new Shown(session)) {
      result = new LoadJob(lake, request.progress(shown)).run();
    }
    result.notes().forEach(session::message);
    result.schemaChanges().forEach(session::message);
    if (result.rejected() > 0) {
      session.message(
          "%,d rows did not fit: 'firn scan %s' shows them and why"
              .formatted(result.rejected(), result.rejectedTable()));
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
    double seconds = Math.max(1, result.duration().toMillis()) / 1000.0;
    return String.format(
        Locale.ROOT,
        "%s %s: %,d rows from %d files (%s) in %.1f s, %,.0f rows/s",
        result.created() ? "Created" : "Appended to",
        result.table(),
        result.rows(),
        result.files(),
        UnitText.showBytes(result.bytes()),
        seconds,
        result.rows() / seconds);
  }

  /** Finds the schema and stops there; {@code lake} is null where there is none yet. */
  static void dryRun(@Nullable Lakehouse lake, LoadRequest request, Session session) {
    ReadOptions options = request.options();
    try (InputSet inputs = InputSet.open(request.inputs(), options.format(), request.stdin());
        BufferAllocator allocator = new RootAllocator()) {
      InferredSchema inferred =
          Inference.run(inputs, options, allocator, stopping(session), RejectHandler.FAIL);
      Schema given = request.schema();
      String schema = SchemaText.format(given == null ? inferred.schema() : given);
      long bytes = inputs.sources().stream().mapToLong(Source::size).sum();
      boolean exists = lake != null && lake.findTable(request.table()).isPresent();
      inferred.notes().forEach(session::message);
      session.result(
          "Would %s %s from %d files (%s), %,d rows looked at: %s"
              .formatted(
                  exists ? "append to" : "create",
                  request.table(),
                  inputs.sources().size(),
                  UnitText.showBytes(bytes),
                  inferred.rows(),
                  schema),
          Result.of(request.table())
              .with("dry_run", true)
              .with("created", !exists)
              .with("schema", schema)
              .with("files", inputs.sources().size())
              .with("bytes", bytes)
              .with("rows_looked_at", inferred.rows())
              .with("notes", inferred.notes())
              .map());
    }
  }

  private static ReadMonitor stopping(Session session) {
    return new ReadMonitor() {
      @Override
      public void bytes(long count) {
        session.checkInterrupted();
      }

      @Override
      public void row() {}
    };
  }

  /** A bar for each phase. */
  private static final class Shown implements LoadProgress, AutoCloseable {
    private final Session session;
    private Phase phase = Phase.INFERRING;
    private Progress bar;

    Shown(Session session) {
      this.session = session;
      this.bar = session.progress("Looking", -1);
    }

    @Override
    public void update(Phase now, long bytes, long totalBytes, long rows) {
      if (now != phase) {
        phase = now;
        bar.close();
        bar = session.progress(now == Phase.LOADING ? "Loading" : "Committing", totalBytes);
        if (now == Phase.COMMITTING) {
          session.committing();
        }
      }
      bar.update(bytes, rows);
    }

    @Override
    public void close() {
      bar.close();
    }
  }
}
