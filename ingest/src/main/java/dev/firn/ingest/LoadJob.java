package dev.firn.ingest;

import dev.firn.AppendOptions;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
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
 * COMMIT_STATE_UNKNOWN}; files stay). With {@link OnError#QUARANTINE} the rejected rows are
 * committed to their own table right before the main commit: as two commits, until transactions
 * over several tables are there, so that a main commit that then fails leaves them behind.
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
            lake.allocator().newChildAllocator("load " + request.table(), 0, Long.MAX_VALUE);
        Quarantine quarantine = new Quarantine(lake, request.table(), start)) {
      Loading loading = new Loading(inputs, allocator, quarantine, table, planner);
      return loading.run(start);
    }
  }

  /** One run, with everything it holds open. */
  private final class Loading {
    private final InputSet inputs;
    private final BufferAllocator allocator;
    private final Quarantine quarantine;
    private final @Nullable LakeTable table;
    private final Planner planner;
    private final RejectHandler rejects;

    Loading(
        InputSet inputs,
        BufferAllocator allocator,
        Quarantine quarantine,
        @Nullable LakeTable table,
        Planner planner) {
      this.inputs = inputs;
      this.allocator = allocator;
      this.quarantine = quarantine;
      this.table = table;
      this.planner = planner;
      this.rejects = request.onError() == OnError.FAIL ? RejectHandler.FAIL : quarantine;
    }

    LoadResult run(OffsetDateTime start) {
      watch.begin(LoadProgress.Phase.INFERRING, inputs.bytes());
      LoadPlan plan = planner.plan(inputs, allocator, watch);
      watch.end();
      try (TableWriter writer = open(plan)) {
        load(plan, writer);
        watch.commit();
        quarantine.commit();
        boolean nothing = table != null && writer.rows() == 0 && !plan.evolves();
        CommitReceipt receipt = nothing ? null : writer.commit();
        return result(start, writer.rows(), receipt, plan);
      }
    }

    private TableWriter open(LoadPlan plan) {
      if (table == null) {
        return lake.newTable(
                request.table(),
                plan.schema(),
                definition -> {
                  if (request.layout() != null) {
                    request.layout().accept(definition);
                  }
                })
            .append(request.summary());
      }
      AppendOptions append = AppendOptions.DEFAULT.summary(request.summary());
      return table.append(plan.evolves() ? append.evolveTo(plan.schema()) : append);
    }

    private void load(LoadPlan plan, TableWriter writer) {
      watch.begin(LoadProgress.Phase.LOADING, inputs.bytes());
      Target target = new Target(writer.schema(), plan.inferred().styles(), rejects);
      for (Source source : inputs.sources()) {
        try (RowSource rows =
            Readers.open(source, plan.options(), plan.inferred(), target, allocator, watch)) {
          for (Record row = rows.next(); row != null; row = rows.next()) {
            writer.write(row);
          }
        }
      }
      watch.end();
    }

    private LoadResult result(
        OffsetDateTime start, long rows, @Nullable CommitReceipt receipt, LoadPlan plan) {
      Long snapshot = receipt == null ? null : (Long) receipt.snapshotId();
      return new LoadResult(
          request.table(),
          table == null,
          rows,
          quarantine.rows(),
          quarantine.table(),
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
