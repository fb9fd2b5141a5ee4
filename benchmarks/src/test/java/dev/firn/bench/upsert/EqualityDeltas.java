package dev.firn.bench.upsert;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.RecordDigester;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericAppenderFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.BaseTaskWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppenderFactory;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.WriteResult;
import org.apache.iceberg.types.TypeUtil;

/**
 * The peer: Iceberg's generic writer of upserts, as Flink's sink uses it: a row is written, its key
 * goes to a file of equality deletes, and a row of the batch itself is deleted by position. Read by
 * {@code IcebergGenerics}.
 */
@SuppressWarnings("deprecation")
final class EqualityDeltas {
  private static final Set<Integer> KEY = Set.of(1);

  private EqualityDeltas() {}

  /** Writes and commits one batch. */
  static void upsert(Table table, KeyedRows.Changes changes, int batch) throws IOException {
    Record row = GenericRecord.create(table.schema());
    Writer writer = Writer.open(table, batch);
    try (writer) {
      for (int i = 0; i < changes.ids.length; i++) {
        Record next = row.copy();
        next.set(0, changes.ids[i]);
        next.set(1, changes.values[i]);
        writer.write(next);
      }
    }
    WriteResult files = writer.complete();
    RowDelta delta = table.newRowDelta();
    List.of(files.dataFiles()).forEach(delta::addRows);
    List.of(files.deleteFiles()).forEach(delta::addDeletes);
    delta.commit();
  }

  static Digest digest(Table table) {
    RecordDigester digester = new RecordDigester(table.schema().columns().size());
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).reuseContainers().build()) {
      rows.forEach(digester::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return digester.digest();
  }

  private static final class Writer extends BaseTaskWriter<Record> {
    private final Delta delta;

    private Writer(
        Table table, FileAppenderFactory<Record> appenders, OutputFileFactory outputs, FileIO io) {
      super(table.spec(), FileFormat.PARQUET, appenders, outputs, io, 128L << 20);
      Schema key = TypeUtil.select(table.schema(), KEY);
      this.delta = new Delta(table.schema(), key);
    }

    static Writer open(Table table, int batch) {
      Schema key = TypeUtil.select(table.schema(), KEY);
      FileAppenderFactory<Record> appenders =
          new GenericAppenderFactory(
              table, table.schema(), table.spec(), table.properties(), new int[] {1}, key, null);
      OutputFileFactory outputs =
          OutputFileFactory.builderFor(table, batch, 1).format(FileFormat.PARQUET).build();
      return new Writer(table, appenders, outputs, table.io());
    }

    @Override
    public void write(Record row) throws IOException {
      delta.deleteKey(delta.key(row));
      delta.write(row);
    }

    @Override
    public void close() throws IOException {
      delta.close();
    }

    private final class Delta extends BaseEqualityDeltaWriter {
      private final InternalRecordWrapper row;
      private final InternalRecordWrapper keyRow;
      private final Record key;

      Delta(Schema schema, Schema key) {
        super((PartitionKey) null, schema, key);
        this.row = new InternalRecordWrapper(schema.asStruct());
        this.keyRow = new InternalRecordWrapper(key.asStruct());
        this.key = GenericRecord.create(key);
      }

      Record key(Record of) {
        Record values = key.copy();
        values.set(0, of.get(0));
        return values;
      }

      @Override
      protected StructLike asStructLike(Record data) {
        return row.wrap(data);
      }

      @Override
      protected StructLike asStructLikeKey(Record data) {
        return keyRow.wrap(data);
      }
    }
  }
}
