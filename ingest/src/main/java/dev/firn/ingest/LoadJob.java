package dev.firn.ingest;

import dev.firn.AppendOptions;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TransactionReceipt;
import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.error.FirnException;
import dev.firn.ingest.read.InputSet;
import dev.firn.ingest.read.Readers;
import dev.firn.ingest.read.RejectHandler;
import dev.firn.ingest.read.RowSource;
import dev.firn.ingest.read.Source;
import dev.firn.ingest.read.Target;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/**
 * One load of files into one table, as one snapshot however many files. Runs once, on the calling
 * thread; only {@link #cancel()} may come from another.
 *
 * <p>The inputs are read twice: once to find the types (or a sample of each, or a single row where
 * no type is open), once to convert. Memory is bounded whatever their size.
 *
 * <p>Outcomes: applied ({@link #run()} returns), not applied (it throws; a table that did not exist
 * still does not, and every file written is removed), or unknown (it throws with kind {@code
 * COMMIT_STATE_UNKNOWN}; files stay). With {@link OnError#QUARANTINE} the rejected rows become
 * visible in their own table together with the others, in one transaction; over a REST catalog,
 * which has none, right before them.
 */
public final class LoadJob {
  private final Lakehouse lake;
  private final LoadRequest request;
  private final Clock clock;
  private final Watch watch;

  /** Borrows the lakehouse. */
  public LoadJob(Lakehouse lake, LoadRequest request) {
    this(lake, request, Clock.systemUTC());
  }

  LoadJob(Lakehouse lake, LoadRequest request, Clock clock) {
    this.lake = lake;
    this.request = request;
    this.clock = clock;
    this.watch = new Watch(request.table(), request.progress());
  }

  /** Asks the load to stop at its next row: {@link #run()} then throws and nothing is committed. */
  public void cancel() {
    watch.cancel();
  }

  /**
   * Loads.
   *
   * @throws FirnException (invalid) at a row that does not fit, unless rejected rows are set aside
   * @throws java.util.concurrent.CancellationException where it was cancelled or its thread
   *     interrupted
   */
  public LoadResult run() {
    OffsetDateTime start =
        OffsetDateTime.now(clock)
            .withOffsetSameInstant(ZoneOffset.UTC)
            .truncatedTo(ChronoUnit.MICROS);
    LakeTable table = lake.findTable(request.table()).orElse(null);
    Planner planner = new Planner(request, table);
    try (InputSet inputs =
            InputSet.open(request.inputs(), request.options().format(), request.stdin());
        BufferAllocator allocator =
            lake.allocator().newChildAllocator("load " + request.table(), 0, Long.MAX_VALUE)) {
      return new Loading(inputs, allocator, table, planner).run(start);
    }
  }

  /** One run, with everything it holds open. */
  private final class Loading {
    private final InputSet inputs;
    private final BufferAllocator allocator;
    private final @Nullable LakeTable table;
    private final Planner planner;
    private long rows;
    private long rejected;

    Loading(
        InputSet inputs, BufferAllocator allocator, @Nullable LakeTable table, Planner planner) {
      this.inputs = inputs;
      this.allocator = allocator;
      this.table = table;
      this.planner = planner;
    }

    LoadResult run(OffsetDateTime start) {
      watch.begin(LoadProgress.Phase.INFERRING, inputs.bytes());
      LoadPlan plan = planner.plan(inputs, allocator, watch);
      watch.end();
      TransactionReceipt made =
          LoadTables.run(
              lake,
              List.of(request.table(), Quarantine.nameFor(request.table())),
              tables -> load(plan, tables, start));
      return result(start, made.of(request.table()).orElse(null), plan);
    }

    private void load(LoadPlan plan, LoadTables tables, OffsetDateTime start) {
      try (Quarantine quarantine = new Quarantine(tables, request.table(), start);
          RowOutput output = open(plan, tables)) {
        load(plan, output, request.onError() == OnError.FAIL ? RejectHandler.FAIL : quarantine);
        watch.commit();
        quarantine.commit();
        rows = output.writer().rows();
        rejected = quarantine.rows();
        if (table == null || rows > 0 || plan.evolves()) {
          output.commit();
        }
      }
    }

    private RowOutput open(LoadPlan plan, LoadTables tables) {
      AppendOptions append = AppendOptions.DEFAULT.summary(request.summary());
      if (table == null) {
        return tables.create(
            request.table(),
            plan.schema(),
            definition -> {
              if (request.layout() != null) {
                request.layout().accept(definition);
              }
            },
            append);
      }
      return tables
          .append(request.table(), plan.evolves() ? append.evolveTo(plan.schema()) : append)
          .orElseThrow(
              () ->
                  FirnException.notFound(
                      "Cannot load into %s: the table was dropped meanwhile"
                          .formatted(request.table())));
    }

    private void load(LoadPlan plan, RowOutput output, RejectHandler rejects) {
      watch.begin(LoadProgress.Phase.LOADING, inputs.bytes());
      Target target = new Target(output.writer().schema(), plan.inferred().styles(), rejects);
      for (Source source : inputs.sources()) {
        try (RowSource rows =
            Readers.open(source, plan.options(), plan.inferred(), target, allocator, watch)) {
          for (Record row = rows.next(); row != null; row = rows.next()) {
            output.writer().write(row);
          }
        }
      }
      watch.end();
    }

    private LoadResult result(
        OffsetDateTime start, @Nullable CommitReceipt receipt, LoadPlan plan) {
      Long snapshot = receipt == null ? null : (Long) receipt.snapshotId();
      return new LoadResult(
          request.table(),
          table == null,
          rows,
          rejected,
          rejected == 0 ? null : Quarantine.nameFor(request.table()),
          inputs.sources().size(),
          inputs.bytes(),
          snapshot == null ? 0 : dataFiles(snapshot),
          snapshot,
          plan.changes(),
          plan.notes(),
          Duration.between(start.toInstant(), clock.instant()));
    }

    private int dataFiles(long snapshotId) {
      Snapshot snapshot = lake.table(request.table()).iceberg().snapshot(snapshotId);
      Map<String, String> summary = snapshot == null ? Map.of() : snapshot.summary();
      return Integer.parseInt(summary.getOrDefault("added-data-files", "0"));
    }
  }
}
