package dev.firn;

import dev.firn.change.MergeSource;
import dev.firn.error.FirnException;
import dev.firn.scan.Cancellation;
import dev.firn.scan.Decoding;
import dev.firn.scan.Extreme;
import dev.firn.scan.RowSource;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;

/** A scan of one table: refine, then open. Immutable: each call returns another scan. */
public final class LakeScan {
  /** Rows of an Arrow batch where the caller does not say. */
  public static final int DEFAULT_BATCH_ROWS = Decoding.DEFAULT_BATCH_ROWS;

  private final String doing;
  private final RowSource source;
  private final ScanRequest request;
  private final ScanResources resources;

  LakeScan(String doing, RowSource source, ScanRequest request, ScanResources resources) {
    this.doing = doing;
    this.source = source;
    this.request = request;
    this.resources = resources;
  }

  /** Only these columns, in this order; nested ones by dotted path. */
  public LakeScan select(String... columns) {
    return select(List.of(columns));
  }

  /** Only these columns, in this order; nested ones by dotted path. */
  public LakeScan select(List<String> columns) {
    return with(request.columns(columns));
  }

  /**
   * Only rows for which {@code filter} is true (SQL's logic: a comparison with null is not).
   * Repeated calls are and-ed.
   */
  public LakeScan where(Expression filter) {
    return with(request.and(filter));
  }

  /** At most {@code rows} rows. */
  public LakeScan limit(long rows) {
    return with(request.limit(rows));
  }

  /** The snapshot that was current at {@code instant}, in its own schema. */
  public LakeScan asOf(Instant instant) {
    return at(new SnapshotSelector.AsOf(instant));
  }

  /** One snapshot, in its own schema. */
  public LakeScan asOfSnapshot(long snapshotId) {
    return at(new SnapshotSelector.ById(snapshotId));
  }

  /** A branch's head, in the newest schema, or a tag's snapshot, in its own. */
  public LakeScan ref(String branchOrTag) {
    return at(new SnapshotSelector.Ref(branchOrTag));
  }

  /**
   * What a selector names.
   *
   * @throws FirnException NOT_FOUND, from whatever reads, where it never was or has expired; the
   *     message names the oldest snapshot that is there
   */
  public LakeScan at(SnapshotSelector snapshot) {
    return with(request.snapshot(snapshot));
  }

  /**
   * Whatever snapshot is read, in the table's newest columns, names and types: what was dropped
   * since is left out, what was added is null or its default. Without this call a snapshot, an
   * instant and a tag are read in the schema of their time, a branch in the newest.
   */
  public LakeScan inCurrentSchema() {
    return with(request.schema(ScanRequest.SchemaChoice.CURRENT));
  }

  /**
   * Rows come as they are read, where several files are read at once: sooner, and in another order
   * each time. Without this call they come file by file as planned.
   */
  public LakeScan unordered() {
    return with(request.arrival(ScanRequest.Arrival.ANY));
  }

  /**
   * Rows come in the table's sort order: sorted files are merged, nothing is sorted. Up to 256
   * files are open at once.
   *
   * @throws FirnException INVALID, from whatever reads, where the table has no sort order, a file
   *     is not sorted by it (compact the table), or they are too many (filter, or compact)
   */
  public LakeScan sorted() {
    return with(request.arrival(ScanRequest.Arrival.SORTED));
  }

  /** Whatever reads fails with kind UNAVAILABLE once it is cancelled, by any thread. */
  public LakeScan cancelledBy(Cancellation cancellation) {
    return with(request.cancelledBy(cancellation));
  }

  private LakeScan with(ScanRequest other) {
    return new LakeScan(doing, source, other, resources);
  }

  /** Returns the columns that the rows will have, in order. */
  public Schema schema() {
    return Guard.call(doing, () -> source.schema(request));
  }

  /** Returns the snapshot that is read; empty where there is none, as in an empty table. */
  public OptionalLong snapshotId() {
    return Guard.call(doing, () -> source.snapshotId(request));
  }

  /**
   * Opens a cursor over the rows as Java records or beans, columns matched to components or
   * properties by name. The caller closes it.
   */
  public <T> TypedCursor<T> open(Class<T> type) {
    return new TypedCursor<>(open(), type);
  }

  /** Opens a cursor over the rows. The caller closes it. */
  public ScanCursor open() {
    return Guard.call(
        doing,
        () ->
            new ScanCursor(
                doing, source.schema(request), source.read(request, resources.allocator())));
  }

  /**
   * Opens the rows as Arrow batches of at most {@link #DEFAULT_BATCH_ROWS} rows. The caller closes
   * the reader; its vectors come from {@code allocator}, and a batch is valid until the next {@code
   * loadNextBatch()} or {@code close()}, or for as long as its buffers are retained.
   */
  public ArrowReader openArrow(BufferAllocator allocator) {
    return openArrow(allocator, DEFAULT_BATCH_ROWS);
  }

  /** As {@link #openArrow(BufferAllocator)}, with batches of at most {@code batchRows} rows. */
  public ArrowReader openArrow(BufferAllocator allocator, int batchRows) {
    return Guard.call(doing, () -> source.readArrow(request, allocator, batchRows));
  }

  /**
   * Plans without reading data files: what would be read, with the deletes that apply. The caller
   * closes it.
   */
  public CloseableIterable<FileScanTask> plan() {
    return Guard.call(doing, () -> source.plan(request));
  }

  /** Returns the rows as the source of a merge, which reads them when it runs. */
  MergeSource asSource() {
    return MergeSource.of(schema(), () -> source.read(request, resources.allocator()));
  }

  /** Reads all rows into memory. */
  public List<Record> toList() {
    try (ScanCursor cursor = open()) {
      List<Record> all = new ArrayList<>();
      cursor.forEach(all::add);
      return all;
    }
  }

  /** Reads all rows into memory as Java records or beans. */
  public <T> List<T> toList(Class<T> type) {
    try (ScanCursor cursor = open()) {
      return cursor.toList(type);
    }
  }

  /**
   * Counts the rows: from metadata alone where the filter covers whole files, deleted rows left
   * out; only what else may match is read, and no column beyond those of the filter.
   */
  public long count() {
    return Guard.call(doing, () -> source.count(request, resources.allocator()));
  }

  /**
   * Returns the lowest value of a column, as records hold it; nulls do not count, and a limit does
   * not matter. From metadata alone where that is exact: of files without deletes, numbers, dates
   * and times. Empty where there is no value.
   */
  public Optional<Object> min(String column) {
    return extreme(column, Extreme.LOWEST);
  }

  /**
   * Returns the highest value of a column, as {@link #min} the lowest. NaN is above all numbers.
   */
  public Optional<Object> max(String column) {
    return extreme(column, Extreme.HIGHEST);
  }

  private Optional<Object> extreme(String column, Extreme which) {
    return Guard.call(doing, () -> source.extreme(request, column, which, resources.allocator()));
  }
}
