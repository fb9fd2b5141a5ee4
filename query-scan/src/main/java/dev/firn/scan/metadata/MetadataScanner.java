package dev.firn.scan.metadata;

import dev.firn.error.FirnException;
import dev.firn.scan.RowSource;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.StructScan;
import dev.firn.scan.TableScanner;
import dev.firn.storage.DirectExecutor;
import java.util.List;
import java.util.OptionalLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.MetadataTableUtils;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;

/**
 * Scans one metadata table, of the table as it was when the scanner was made. Rows are those of
 * Iceberg's metadata table of the same name, exactly those that satisfy the filter (SQL's logic),
 * in its order. Errors are as {@link TableScanner} says. Immutable.
 *
 * <p>How it works: Iceberg plans, and makes the rows of one manifest, or of the whole table where
 * they come from the metadata file alone, at a time; a filter on partitions leaves out manifests.
 * Memory holds the list of manifests, and of {@link MetadataTable#PARTITIONS} a row for each.
 */
public final class MetadataScanner implements RowSource {
  private final Table data;
  private final Table metadata;
  private final MetadataTable kind;
  private final Schema schema;
  private final StructScan scan;

  /**
   * @throws FirnException (invalid) where the table is not one of a catalog
   */
  public MetadataScanner(Table table, MetadataTable kind) {
    if (!(table instanceof HasTableOperations operations)) {
      throw FirnException.invalid(
          "Cannot read metadata of a table: it has no metadata of its own, expected one that a catalog loaded, got %s [table %s]"
              .formatted(table.getClass().getSimpleName(), table.name()));
    }
    this.data =
        new BaseTable(
            new StaticTableOperations(operations.operations().current(), table.io()), table.name());
    this.metadata = MetadataTableUtils.createMetadataTableInstance(data, kind.type());
    this.kind = kind;
    this.schema = metadata.schema();
    this.scan = new StructScan(metadata, schema, schema.select(prunable()));
  }

  /** What Iceberg prunes manifests, or their lists, by. */
  private List<String> prunable() {
    return switch (kind) {
      case SNAPSHOTS, HISTORY, REFS, METADATA_LOG_ENTRIES, MANIFESTS -> List.of();
      case ALL_MANIFESTS -> List.of("reference_snapshot_id");
      case FILES,
          DATA_FILES,
          DELETE_FILES,
          ALL_FILES,
          ALL_DATA_FILES,
          ALL_DELETE_FILES,
          PARTITIONS,
          POSITION_DELETES ->
          List.of("partition");
      case ENTRIES, ALL_ENTRIES -> List.of("data_file.partition");
    };
  }

  /** Returns the columns that the request's rows have, in order. */
  @Override
  public Schema schema(ScanRequest request) {
    snapshotId(request);
    return scan.schema(request);
  }

  @Override
  public CloseableIterable<Record> read(ScanRequest request, BufferAllocator allocator) {
    return scan.read(request, source(request));
  }

  @Override
  public ArrowReader readArrow(ScanRequest request, BufferAllocator allocator, int batchRows) {
    return scan.readArrow(request, source(request), allocator, batchRows);
  }

  @Override
  public CloseableIterable<FileScanTask> plan(ScanRequest request) {
    throw FirnException.invalid(
        "Cannot plan a scan of %s: its rows are not those of data files; read them"
            .formatted(metadata.name()));
  }

  private StructScan.Source source(ScanRequest request) {
    OptionalLong snapshot = snapshotId(request);
    return kind == MetadataTable.POSITION_DELETES
        ? new PositionDeletes(data, metadata, snapshot)
        : (columns, pruning) -> parts(snapshot, columns, pruning);
  }

  @Override
  public OptionalLong snapshotId(ScanRequest request) {
    if (kind.ofOneSnapshot()) {
      return new TableScanner(data).snapshotId(request);
    }
    if (request.snapshot() instanceof SnapshotSelector.Current) {
      return OptionalLong.empty();
    }
    throw FirnException.invalid(
        "Cannot read %s in the past: it describes all snapshots that the table retains, expected no snapshot, time, branch or tag; filter its rows instead"
            .formatted(metadata.name()));
  }

  private CloseableIterable<StructScan.Part> parts(
      OptionalLong snapshot, Schema columns, Expression pruning) {
    TableScan planned =
        metadata.newScan().planWith(DirectExecutor.INSTANCE).project(columns).filter(pruning);
    if (snapshot.isPresent()) {
      planned = planned.useSnapshot(snapshot.getAsLong());
    }
    return CloseableIterable.transform(
        planned.planFiles(),
        task -> new StructScan.Part(task.file().location(), () -> task.asDataTask().rows()));
  }
}
