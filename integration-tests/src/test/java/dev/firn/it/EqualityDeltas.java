package dev.firn.it;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.DeleteGranularity;
import org.apache.iceberg.io.BaseTaskWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.WriteResult;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Upserts as Flink's sink writes them, by Iceberg's writer of equality deltas: of each row its key
 * as an equality delete, and for a key that comes again in one commit a position delete of the row
 * before. Confined to one thread.
 */
final class EqualityDeltas extends BaseTaskWriter<Record> {
  private final Table table;
  private final Schema key;
  private final InternalRecordWrapper rows;
  private final InternalRecordWrapper keys;
  private final PartitionKey partition;
  private final Map<PartitionKey, Delta> deltas = new HashMap<>();

  private EqualityDeltas(Table table, PartitionSpec spec, Schema key) {
    super(
        spec,
        FileFormat.PARQUET,
        new GenericFileWriterFactory.Builder(table)
            .dataSchema(table.schema())
            .dataFileFormat(FileFormat.PARQUET)
            .deleteFileFormat(FileFormat.PARQUET)
            .equalityDeleteRowSchema(key)
            .equalityFieldIds(key.columns().stream().mapToInt(NestedField::fieldId).toArray())
            .build(),
        OutputFileFactory.builderFor(table, 1, System.nanoTime())
            .format(FileFormat.PARQUET)
            .build(),
        table.io(),
        Long.MAX_VALUE,
        TableUtil.formatVersion(table) >= 3);
    this.table = table;
    this.key = key;
    this.rows = new InternalRecordWrapper(table.schema().asStruct());
    this.keys = new InternalRecordWrapper(key.asStruct());
    this.partition = new PartitionKey(spec, table.schema());
  }

  /**
   * Upserts rows by {@code key}'s columns, then deletes those of the keys of others, in one commit;
   * both within the partitions of {@code spec} only, or everywhere where it has none.
   *
   * @param deletes whole rows, of which the key counts
   */
  static void commit(
      Table table, PartitionSpec spec, Schema key, List<Record> upserts, List<Record> deletes)
      throws IOException {
    EqualityDeltas writer = new EqualityDeltas(table, spec, key);
    for (Record row : upserts) {
      writer.write(row);
    }
    for (Record row : deletes) {
      writer.delta(row).deleteKey(writer.keyOf(row));
    }
    WriteResult result = writer.complete();
    RowDelta delta = table.newRowDelta();
    for (var file : result.dataFiles()) {
      delta.addRows(file);
    }
    for (var file : result.deleteFiles()) {
      delta.addDeletes(file);
    }
    delta.commit();
  }

  @Override
  public void write(Record row) throws IOException {
    Delta delta = delta(row);
    delta.deleteKey(keyOf(row));
    delta.write(row);
  }

  private Record keyOf(Record row) {
    Record of = GenericRecord.create(key);
    key.columns().forEach(column -> of.setField(column.name(), row.getField(column.name())));
    return of;
  }

  private Delta delta(Record row) {
    partition.partition(rows.wrap(row));
    return deltas.computeIfAbsent(partition.copy(), Delta::new);
  }

  @Override
  public void close() throws IOException {
    for (Delta delta : deltas.values()) {
      delta.close();
    }
    deltas.clear();
    super.close();
  }

  /** The files of one partition. */
  private final class Delta extends BaseEqualityDeltaWriter {
    Delta(PartitionKey of) {
      super(
          spec().isUnpartitioned() ? null : of,
          table.schema(),
          key,
          DeleteGranularity.FILE,
          dvFileWriter());
    }

    @Override
    protected StructLike asStructLike(Record row) {
      return rows.wrap(row);
    }

    @Override
    protected StructLike asStructLikeKey(Record of) {
      return keys.wrap(of);
    }
  }
}
