package dev.firn.scan;

import dev.firn.error.FirnException;
import dev.firn.scan.plan.ManifestIndex;
import dev.firn.scan.plan.PlanRequest;
import dev.firn.scan.plan.TablePlanner;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Plans and reads scans of one table, as the {@code Table} knows it when a method is called:
 * refresh it to see later snapshots. A table without snapshots scans as empty. Thread-safe where
 * the table is; what it opens is confined to one thread.
 *
 * <p>Errors are {@link FirnException}s: not found for a snapshot, instant, branch or tag that the
 * table does not have; invalid for an unknown column or a literal that does not convert to its
 * column's type; those of {@link FileTaskReader} while reading.
 */
public final class TableScanner implements RowSource {
  private final Table table;
  private final Decoding decoding;
  private final TablePlanner planner;

  /** Decodes in the caller's thread, and reads manifests anew for every plan. */
  public TableScanner(Table table) {
    this(table, Decoding.INLINE);
  }

  /** Reads manifests anew for every plan. */
  public TableScanner(Table table, Decoding decoding) {
    this(table, decoding, ManifestIndex.ofBytes(0));
  }

  /** Plans from an index of manifests that all scanners of a lakehouse share; borrows it. */
  public TableScanner(Table table, Decoding decoding, ManifestIndex manifests) {
    this.table = table;
    this.decoding = decoding;
    this.planner = new TablePlanner(manifests, decoding.executor(), decoding.threads());
  }

  /** The columns that the request's rows have, in order. */
  @Override
  public Schema schema(ScanRequest request) {
    return schema(request, ScanTarget.of(table, request));
  }

  @Override
  public OptionalLong snapshotId(ScanRequest request) {
    Snapshot snapshot = ScanTarget.of(table, request).snapshot();
    return snapshot == null ? OptionalLong.empty() : OptionalLong.of(snapshot.snapshotId());
  }

  /**
   * Plans without reading data: whole files with their column statistics, and the deletes that
   * apply. A task's residual is advisory, and may be true of more than the filter: {@link
   * FileTaskReader} evaluates the filter itself.
   */
  @Override
  public CloseableIterable<FileScanTask> plan(ScanRequest request) {
    ScanTarget target = ScanTarget.of(table, request);
    return plan(target, ScanFilter.of(table, target.schema(), request.filter()), true);
  }

  /**
   * Reads the rows: exactly those that satisfy the filter, each once, in plan order, in exactly
   * {@link #schema}'s columns. The request is checked now; files open as the rows are asked for,
   * and no more of them than the limit needs. Batches come from {@code allocator}, a few at a time;
   * rows are copies. The caller closes it, once or more often.
   */
  @Override
  public CloseableIterable<Record> read(ScanRequest request, BufferAllocator allocator) {
    Schema columns = schema(request);
    Supplier<BatchCursor> batches = batches(request, allocator, decoding);
    return new CloseableRows(() -> new BatchRows(columns, batches.get()));
  }

  /**
   * Reads as Arrow batches of at most {@code batchRows} rows, which do not span files. The reader
   * owns its vectors, made from {@code allocator}; whoever retains a batch's buffers may keep them.
   */
  @Override
  public ArrowReader readArrow(ScanRequest request, BufferAllocator allocator, int batchRows) {
    if (batchRows <= 0) {
      throw FirnException.invalid(
          "Cannot read batches: rows per batch must be positive, got " + batchRows);
    }
    Schema columns = schema(request);
    BatchCursor batches = batches(request, allocator, decoding.withBatchRows(batchRows)).get();
    return new ScanArrowReader(columns, batches, allocator);
  }

  /**
   * As {@link RowSource#count}: files that the filter surely covers are counted by their metadata,
   * less what position deletes and deletion vectors mark; the others are read.
   */
  @Override
  public long count(ScanRequest request, BufferAllocator allocator) {
    ScanRequest rows = unordered(request.columns(List.of()));
    return request.limit() == 0
        ? 0
        : Math.min(request.limit(), aggregates(rows, allocator).count());
  }

  /**
   * As {@link RowSource#extreme}: by the bounds of files that have no deletes, that the filter
   * surely covers, and whose bounds are exact; files that cannot have a better value are left out;
   * the others are read.
   */
  @Override
  public Optional<Object> extreme(
      ScanRequest request, String column, Extreme which, BufferAllocator allocator) {
    ScanTarget target = ScanTarget.of(table, request);
    ScanRequest rows = unordered(request.columns(List.of(column)));
    NestedField field = new Columns(table, target.schema()).resolve("aggregate", column);
    Schema projection = schema(rows, target);
    Aggregates.comparable(table, projection, field);
    return aggregates(rows, allocator).extreme(projection, field, which);
  }

  private static ScanRequest unordered(ScanRequest request) {
    return request.limit(ScanRequest.NO_LIMIT).arrival(ScanRequest.Arrival.ANY);
  }

  private Aggregates aggregates(ScanRequest request, BufferAllocator allocator) {
    ScanTarget target = ScanTarget.of(table, request);
    ScanFilter filter = ScanFilter.of(table, target.schema(), request.filter());
    FileTaskReader reader = reader(request, target, decoding);
    return new Aggregates(
        table,
        target.planned(table),
        filter,
        () -> plan(target, filter, true),
        planning -> batches(reader, planning, request, allocator, decoding));
  }

  private Supplier<BatchCursor> batches(
      ScanRequest request, BufferAllocator allocator, Decoding how) {
    ScanTarget target = ScanTarget.of(table, request);
    ScanFilter filter = ScanFilter.of(table, target.schema(), request.filter());
    Supplier<CloseableIterable<FileScanTask>> files = () -> plan(target, filter, false);
    if (request.arrival() == ScanRequest.Arrival.SORTED) {
      Schema output = schema(request, target);
      Schema read = SortedFiles.withKeys(table, target.schema(), output);
      FileTaskReader sorted =
          new FileTaskReader(table, target.schema(), read, request.filter(), how);
      SortedBatches.SortedInto into = new SortedBatches.SortedInto(allocator, how.batchRows());
      return () -> new SortedBatches(table, sorted, read, output, files, request, into);
    }
    FileTaskReader reader = reader(request, target, how);
    return () -> batches(reader, files, request, allocator, how);
  }

  private FileTaskReader reader(ScanRequest request, ScanTarget target, Decoding how) {
    Schema projection = schema(request, target);
    return new FileTaskReader(table, target.schema(), projection, request.filter(), how);
  }

  private static BatchCursor batches(
      FileTaskReader reader,
      Supplier<CloseableIterable<FileScanTask>> planning,
      ScanRequest request,
      BufferAllocator allocator,
      Decoding how) {
    return how.threads() == 0
        ? new ScanBatches(reader, planning, allocator, request)
        : new ParallelBatches(
            reader, new SplitTasks(planning, SplitTasks.LEAST_PART), allocator, how, request);
  }

  private Schema schema(ScanRequest request, ScanTarget target) {
    return new Columns(table, target.schema()).select(request.columns());
  }

  private CloseableIterable<FileScanTask> plan(
      ScanTarget target, ScanFilter filter, boolean statistics) {
    Snapshot snapshot = target.snapshot();
    if (snapshot == null) {
      return CloseableIterable.empty();
    }
    Schema bound = target.planned(table);
    PlanRequest request =
        PlanRequest.of(table, snapshot, filter.weakened(bound, table.specs().values()), statistics);
    return planner.plan(
        bound.schemaId() == table.schema().schemaId() ? request : request.in(bound));
  }
}
