package dev.firn.ingest;

import dev.firn.AppendOptions;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.catalog.CommitReceipt;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.ingest.read.Inference;
import dev.firn.ingest.read.InferredSchema;
import dev.firn.ingest.read.InputSet;
import dev.firn.ingest.read.ReadOptions;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
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
  private final List<String> notes = new ArrayList<>();

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
    if (table != null && request.layout() != null) {
      throw FirnException.invalid(
          "Cannot load into %s: the table is there already, so its partitioning and sort order cannot be given; leave them out, or change them with 'firn evolve'"
              .formatted(request.table()));
    }
    try (InputSet inputs =
            InputSet.open(request.inputs(), request.options().format(), request.stdin());
        BufferAllocator allocator =
            lake.allocator().newChildAllocator("load " + request.table(), 0, Long.MAX_VALUE);
        Quarantine quarantine = new Quarantine(lake, request.table(), start)) {
      Loading loading = new Loading(inputs, allocator, quarantine, table);
      return loading.run(start);
    }
  }

  /** One run, with everything it holds open. */
  private final class Loading {
    private final InputSet inputs;
    private final BufferAllocator allocator;
    private final Quarantine quarantine;
    private final @Nullable LakeTable table;
    private final ReadOptions options;
    private final RejectHandler rejects;

    Loading(
        InputSet inputs,
        BufferAllocator allocator,
        Quarantine quarantine,
        @Nullable LakeTable table) {
      this.inputs = inputs;
      this.allocator = allocator;
      this.quarantine = quarantine;
      this.table = table;
      this.options = options(table);
      this.rejects = request.onError() == OnError.FAIL ? RejectHandler.FAIL : quarantine;
    }

    LoadResult run(OffsetDateTime start) {
      InferredSchema inferred = infer();
      Schema given = request.schema();
      Schema source = given == null ? inferred.schema() : given;
      Evolution.Plan plan =
          table == null
              ? new Evolution.Plan(source, List.of())
              : evolution(table, inferred, source);
      checkColumns(inferred.schema(), plan.schema());
      boolean evolves = !plan.changes().isEmpty();
      Schema evolveTo = evolves ? plan.schema() : null;
      try (TableWriter writer = open(source, evolveTo)) {
        load(inferred, writer);
        watch.begin(LoadProgress.Phase.COMMITTING, inputs.bytes());
        quarantine.commit();
        boolean nothing = table != null && writer.rows() == 0 && !evolves;
        CommitReceipt receipt = nothing ? null : writer.commit();
        return result(start, writer.rows(), receipt, plan.changes());
      }
    }

    private InferredSchema infer() {
      watch.begin(LoadProgress.Phase.INFERRING, inputs.bytes());
      // Rows that fit no schema are met again when converting, and set aside then.
      RejectHandler first = request.onError() == OnError.FAIL ? RejectHandler.FAIL : r -> {};
      InferredSchema inferred = Inference.run(inputs, options, allocator, watch, first);
      if (request.schema() == null && inferred.schema().columns().isEmpty()) {
        throw FirnException.invalid(
            "Cannot load into %s: the inputs have no columns; are they empty? Give --schema to make an empty table"
                .formatted(request.table()));
      }
      if (request.schema() == null && table == null) {
        notes.addAll(inferred.notes());
      } else {
        inferred.notes().stream().filter(n -> !n.startsWith("column ")).forEach(notes::add);
      }
      return inferred;
    }

    private Evolution.Plan evolution(LakeTable into, InferredSchema inferred, Schema source) {
      Schema current = into.schema();
      if (!request.evolve()) {
        return new Evolution.Plan(current, List.of());
      }
      Schema narrow = request.schema() == null ? inferred.narrow() : source;
      return Evolution.plan(current, source, narrow);
    }

    private void checkColumns(Schema source, Schema target) {
      List<String> missing = Evolution.missing(source.asStruct(), target.asStruct(), "");
      if (missing.isEmpty()) {
        return;
      }
      List<String> known = target.columns().stream().map(Types.NestedField::name).toList();
      String hint = NearMatch.hint(missing.get(0), known);
      String where = request.schema() != null ? "the given schema" : "the table";
      String remedy =
          request.schema() != null
              ? "; add them to --schema"
              : "; give --evolve to add them to the table";
      throw FirnException.invalid(
          "Cannot load into %s: %s has no column %s%s%s"
              .formatted(
                  request.table(), where, "'" + String.join("', '", missing) + "'", remedy, hint));
    }

    private TableWriter open(Schema source, @Nullable Schema evolveTo) {
      if (table == null) {
        return lake.newTable(
                request.table(),
                source,
                definition -> {
                  if (request.layout() != null) {
                    request.layout().accept(definition);
                  }
                })
            .append(request.summary());
      }
      AppendOptions append = AppendOptions.DEFAULT.summary(request.summary());
      return table.append(evolveTo == null ? append : append.evolveTo(evolveTo));
    }

    private void load(InferredSchema inferred, TableWriter writer) {
      watch.begin(LoadProgress.Phase.LOADING, inputs.bytes());
      Target target = new Target(writer.schema(), inferred.styles(), rejects);
      for (Source source : inputs.sources()) {
        try (RowSource rows = Readers.open(source, options, inferred, target, allocator, watch)) {
          for (Record row = rows.next(); row != null; row = rows.next()) {
            writer.write(row);
          }
        }
      }
      watch.tell();
    }

    private LoadResult result(
        OffsetDateTime start, long rows, @Nullable CommitReceipt receipt, List<String> changes) {
      if (receipt == null) {
        notes.add("the inputs have no row that fits, so nothing was committed");
      }
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
          changes,
          notes,
          Duration.between(start.toInstant(), clock.instant()));
    }

    private int dataFiles(long snapshotId) {
      Snapshot snapshot = lake.table(request.table()).iceberg().snapshot(snapshotId);
      Map<String, String> summary = snapshot == null ? Map.of() : snapshot.summary();
      return Integer.parseInt(summary.getOrDefault("added-data-files", "0"));
    }
  }

  private ReadOptions options(@Nullable LakeTable table) {
    ReadOptions options = request.options();
    Schema known = request.schema();
    if (known == null && table != null) {
      known = table.schema();
    }
    if (known == null) {
      return options;
    }
    if (!options.header() && options.columnNames() == null) {
      options = options.columnNames(known.columns().stream().map(Types.NestedField::name).toList());
    }
    // With every type known, only how dates are written could still need the whole input.
    boolean open = request.evolve() && request.schema() == null;
    return open || hasDates(known) ? options : options.sampleRows(1);
  }

  private static boolean hasDates(Schema schema) {
    return TypeUtil.indexById(schema.asStruct()).values().stream()
        .map(field -> field.type().typeId())
        .anyMatch(
            id ->
                id == Type.TypeID.DATE
                    || id == Type.TypeID.TIMESTAMP
                    || id == Type.TypeID.TIMESTAMP_NANO);
  }
}
