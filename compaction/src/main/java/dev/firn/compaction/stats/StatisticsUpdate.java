package dev.firn.compaction.stats;

import dev.firn.compaction.stats.StatisticsResult.Distinct;
import dev.firn.compaction.work.Crew;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.format.write.FileRegistrar;
import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Partitioning;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A computation of the statistics of a table's current snapshot: an immutable description, which
 * {@link #run} carries out.
 *
 * <p>Distinct values are counted by theta sketches over the live rows, as Spark and Trino do, in
 * blobs {@code apache-datasketches-theta-v1} of the snapshot's statistics file; what else that file
 * has is kept. A partitioned table gets its partition statistics file too, computed from manifests,
 * incrementally where an ancestor has one.
 *
 * <p>Takes, for each thread, one file's batches and 64 KiB a column.
 */
public final class StatisticsUpdate {
  private static final Logger LOG = LoggerFactory.getLogger(StatisticsUpdate.class);

  private final Table table;
  private final Settings settings;
  private final @Nullable List<String> columns;
  private final LongConsumer progress;

  /** Where it is computed, and who is told of files and failures. */
  private record Settings(
      @Nullable BufferAllocator allocator,
      Executor executor,
      int threads,
      UnaryOperator<RuntimeException> failures,
      LongFunction<Runnable> holds,
      Supplier<FileRegistrar> registrars) {}

  private StatisticsUpdate(
      Table table, Settings settings, @Nullable List<String> columns, LongConsumer progress) {
    this.table = table;
    this.settings = settings;
    this.columns = columns;
    this.progress = progress;
  }

  /** Of any table, in the calling thread. Memory comes from a root of the run's own. */
  public static StatisticsUpdate of(Table table) {
    return of(table, null, DirectExecutor.INSTANCE, 1, e -> e, sequence -> () -> {});
  }

  /**
   * Borrows allocator and executor; {@code threads} counts the calling one; {@code holds} as in
   * {@link dev.firn.compaction.Compaction}.
   */
  public static StatisticsUpdate of(
      Table table,
      @Nullable BufferAllocator allocator,
      Executor executor,
      int threads,
      UnaryOperator<RuntimeException> failures,
      LongFunction<Runnable> holds) {
    Settings settings =
        new Settings(allocator, executor, threads, failures, holds, () -> FileRegistrar.NONE);
    return new StatisticsUpdate(table, settings, null, rows -> {});
  }

  /** Announces its files there before they exist; asked for each file. */
  public StatisticsUpdate recordedBy(Supplier<FileRegistrar> registrars) {
    Settings s = settings;
    return new StatisticsUpdate(
        table,
        new Settings(s.allocator, s.executor, s.threads, s.failures, s.holds, registrars),
        columns,
        progress);
  }

  /** Only of these columns, nested ones with dots; all primitive ones at the top unless told. */
  public StatisticsUpdate columns(List<String> names) {
    return new StatisticsUpdate(table, settings, List.copyOf(names), progress);
  }

  /**
   * Told at each batch how many rows were read, in the thread that read it, one at a time; may
   * throw to end it.
   */
  public StatisticsUpdate progress(LongConsumer rows) {
    return new StatisticsUpdate(table, settings, columns, rows);
  }

  /**
   * Computes and commits them. Outcomes: committed; or a failure, and then the table has what it
   * had, though partition statistics may be committed where distinct counts were and the other way
   * round. A table without snapshots gets none.
   *
   * @throws FirnException INVALID where a column is not there or has no distinct count
   */
  public StatisticsResult run() {
    try {
      table.refresh();
      Snapshot snapshot = table.currentSnapshot();
      if (snapshot == null) {
        return new StatisticsResult(null, List.of(), 0, null, null);
      }
      Runnable release = settings.holds.apply(snapshot.sequenceNumber());
      try {
        return run(snapshot);
      } finally {
        release.run();
      }
    } catch (RuntimeException e) {
      throw settings.failures.apply(e);
    }
  }

  private StatisticsResult run(Snapshot snapshot) {
    long started = System.nanoTime();
    Integer id = snapshot.schemaId();
    Schema known = id == null ? null : table.schemas().get(id);
    Schema schema = known == null ? table.schema() : known;
    List<NestedField> fields = fields(schema);
    Sketches sketches = new Sketches(fields);
    String file = null;
    if (!fields.isEmpty()) {
      count(snapshot, schema, sketches);
      file =
          new StatisticsCommit(table, settings.registrars.get())
              .commit(snapshot, sketches.blobs(snapshot));
    }
    String partitions =
        Partitioning.isPartitioned(table)
            ? new PartitionCommit(table, settings.registrars.get()).commit(snapshot)
            : null;
    List<Distinct> distinct = new ArrayList<>();
    for (NestedField field : fields) {
      String name = schema.findColumnName(field.fieldId());
      distinct.add(new Distinct(name, field.fieldId(), sketches.distinct(field.fieldId())));
    }
    LOG.info(
        "Computed statistics of {}: snapshot {}, {} columns, {} rows, {} ms",
        table.name(),
        snapshot.snapshotId(),
        fields.size(),
        sketches.rows(),
        (System.nanoTime() - started) / 1_000_000);
    return new StatisticsResult(snapshot.snapshotId(), distinct, sketches.rows(), file, partitions);
  }

  private void count(Snapshot snapshot, Schema schema, Sketches sketches) {
    BufferAllocator given = settings.allocator;
    try (BufferAllocator allocator =
        given == null
            ? new RootAllocator(Runtime.getRuntime().maxMemory())
            : given.newChildAllocator("analyze " + table.name(), 0, given.getLimit())) {
      Crew crew = new Crew(settings.executor, settings.threads);
      Object turn = new Object();
      Runnable eachBatch =
          () -> {
            if (crew.isStopped()) {
              throw new CancellationException("The computation was stopped");
            }
            synchronized (turn) {
              progress.accept(sketches.rows());
            }
          };
      try (SketchTasks tasks =
          SketchTasks.of(table, snapshot, schema, sketches, allocator, eachBatch)) {
        crew.run(tasks, () -> {});
      }
    }
  }

  private List<NestedField> fields(Schema schema) {
    if (columns == null) {
      return schema.columns().stream().filter(field -> Sketches.takes(field.type())).toList();
    }
    List<NestedField> fields = new ArrayList<>();
    for (String name : columns) {
      NestedField field = schema.findField(name);
      if (field == null) {
        throw FirnException.invalid(
            "Cannot compute statistics of %s: it has no column '%s'%s"
                .formatted(
                    table.name(),
                    name,
                    NearMatch.hint(name, TypeUtil.indexByName(schema.asStruct()).keySet())));
      }
      requireCountable(schema, field, name);
      fields.add(field);
    }
    return fields;
  }

  private void requireCountable(Schema schema, NestedField field, String name) {
    boolean repeated = false;
    for (Integer parent = TypeUtil.indexParents(schema.asStruct()).get(field.fieldId());
        parent != null;
        parent = TypeUtil.indexParents(schema.asStruct()).get(parent)) {
      repeated |= schema.findType(parent).typeId() != Type.TypeID.STRUCT;
    }
    if (repeated || !Sketches.takes(field.type())) {
      throw FirnException.invalid(
          "Cannot compute statistics of %s: column '%s' has no distinct count, expected a column of a primitive type, got %s"
              .formatted(table.name(), name, repeated ? "one in a list or map" : field.type()));
    }
  }
}
