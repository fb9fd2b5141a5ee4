package dev.firn.keyindex;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowRows;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.util.StructLikeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which live rows of one table have a given key, the value of its identifier fields. Exact, also
 * where several rows have one key. Confined to one thread at a time; borrows table and allocator.
 */
public final class KeyIndex implements AutoCloseable {
  private record Place(FileScanTask task, long position) {}

  private final Table table;
  private final Schema key;
  private final BufferAllocator allocator;
  private final Map<String, FileScanTask> pending = new LinkedHashMap<>();
  private StructLikeMap<List<Place>> places;

  private KeyIndex(Table table, Schema key, BufferAllocator allocator) {
    this.table = table;
    this.key = key;
    this.allocator = allocator;
    this.places = StructLikeMap.create(key.asStruct());
  }

  /**
   * Opens the index of {@code table}; it knows no row before {@link #syncTo}.
   *
   * @throws FirnException INVALID where the table has no identifier fields
   */
  public static KeyIndex open(Table table, BufferAllocator allocator) {
    Schema schema = table.schema();
    if (schema.identifierFieldIds().isEmpty()) {
      throw FirnException.invalid(
          "Cannot find rows by key: the table has no identifier fields; set some with 'firn evolve' ["
              + table.name()
              + "]");
    }
    return new KeyIndex(table, TypeUtil.select(schema, schema.identifierFieldIds()), allocator);
  }

  /** Returns the identifier fields, in the schema's order: the columns of a batch of keys. */
  public Schema key() {
    return key;
  }

  /**
   * From here on answers for {@code snapshot} of the table (null: the empty one), and for what was
   * staged and is not in it.
   */
  public void syncTo(@Nullable Snapshot snapshot) {
    places = StructLikeMap.create(key.asStruct());
    if (snapshot != null) {
      ScanRequest request =
          new ScanRequest(
              new SnapshotSelector.ById(snapshot.snapshotId()),
              null,
              Expressions.alwaysTrue(),
              ScanRequest.NO_LIMIT);
      try (CloseableIterable<FileScanTask> tasks = new TableScanner(table).plan(request)) {
        for (FileScanTask task : tasks) {
          pending.remove(task.file().location());
          index(task);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    pending.values().forEach(this::index);
  }

  /** Takes in files that are written and not committed: their rows are found from here on. */
  public void stage(List<DataFile> files) {
    for (DataFile file : files) {
      PartitionSpec spec = table.specs().get(file.specId());
      FileScanTask task =
          new BaseFileScanTask(
              file,
              new DeleteFile[0],
              SchemaParser.toJson(table.schema()),
              PartitionSpecParser.toJson(spec),
              ResidualEvaluator.unpartitioned(Expressions.alwaysTrue()));
      pending.put(file.location(), task);
      index(task);
    }
  }

  /** Forgets all that was staged and is not committed. */
  public void unstage() {
    pending.clear();
    for (List<Place> each : places.values()) {
      each.removeIf(place -> place.task().deletes().isEmpty());
    }
  }

  private void index(FileScanTask task) {
    List<org.apache.iceberg.types.Types.NestedField> columns = new ArrayList<>(key.columns());
    columns.add(MetadataColumns.ROW_POSITION);
    FileTaskReader reader =
        new FileTaskReader(table, new Schema(columns), Expressions.alwaysTrue());
    try (BatchCursor rows = reader.openArrow(task, allocator)) {
      while (rows.next()) {
        VectorSchemaRoot batch = rows.root();
        BigIntVector positions = (BigIntVector) batch.getVector(columns.size() - 1);
        int row = 0;
        for (Record each : ArrowRows.rows(batch, new Schema(columns))) {
          Record values = org.apache.iceberg.data.GenericRecord.create(key);
          for (int i = 0; i < key.columns().size(); i++) {
            values.set(i, each.get(i));
          }
          places
              .computeIfAbsent(values, missing -> new ArrayList<>())
              .add(new Place(task, positions.get(row++)));
        }
      }
    }
  }

  /**
   * Tells {@code hits} of each live row that has one of {@code keys}, a batch of {@link #key()}.
   */
  public void find(VectorSchemaRoot keys, KeyHits hits) {
    int row = 0;
    for (Record each : ArrowRows.rows(keys, key)) {
      for (Place place : places.getOrDefault(each, List.of())) {
        hits.hit(row, place.task(), place.position());
      }
      row++;
    }
  }

  @Override
  public void close() {
    places = StructLikeMap.create(key.asStruct());
    pending.clear();
  }
}
