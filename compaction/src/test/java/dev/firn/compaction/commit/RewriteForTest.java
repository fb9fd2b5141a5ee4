package dev.firn.compaction.commit;

import dev.firn.compaction.plan.FileGroup;
import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.compaction.rewrite.RowMap;
import dev.firn.format.hash.ContentHash;
import dev.firn.scan.FileTaskReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.types.Types;

/** A rewrite, row by row, to some files in any order, which remembers where each row went. */
final class RewriteForTest implements RowMap {
  private record Place(int output, long position) {}

  private final List<Map<Long, Place>> places = new ArrayList<>();
  private int looks;
  private boolean closed;

  /** Rows go to one of {@code files} files of their partition, as {@code random} says. */
  static Rewritten of(Table table, List<FileScanTask> sources, int files, Random random) {
    boolean lineage = TableUtil.supportsRowLineage(table);
    Schema written =
        lineage ? MetadataColumns.schemaWithRowLineage(table.schema()) : table.schema();
    List<Types.NestedField> read = new ArrayList<>(written.columns());
    read.add(MetadataColumns.ROW_POSITION);
    FileTaskReader reader = new FileTaskReader(table, new Schema(read), Expressions.alwaysTrue());
    RewriteForTest map = new RewriteForTest();
    Map<String, Integer> outputs = new LinkedHashMap<>();
    List<List<Record>> rows = new ArrayList<>();
    List<PartitionKey> keys = new ArrayList<>();
    InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
    for (FileScanTask source : sources) {
      Map<Long, Place> went = new HashMap<>();
      map.places.add(went);
      try (BufferAllocator memory = new RootAllocator(64 << 20);
          CloseableIterable<Record> live = reader.open(source, memory)) {
        for (Record row : live) {
          PartitionKey key = new PartitionKey(table.spec(), table.schema());
          key.partition(wrapper.wrap(row));
          int output =
              outputs.computeIfAbsent(
                  key.toPath() + "#" + random.nextInt(files),
                  name -> {
                    rows.add(new ArrayList<>());
                    keys.add(key.copy());
                    return rows.size() - 1;
                  });
          went.put((Long) row.getField("_pos"), new Place(output, rows.get(output).size()));
          rows.get(output).add(row);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    List<DataFile> data = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      data.add(write(table, written, keys.get(i), rows.get(i)));
    }
    long live = rows.stream().mapToLong(List::size).sum();
    return new Rewritten(
        new FileGroup("", sources, 1 << 20, data.size()),
        data,
        map,
        new ContentHash(live, 1, live),
        Rewritten.Method.SORT);
  }

  private static DataFile write(
      Table table, Schema schema, PartitionKey partition, List<Record> rows) {
    OutputFileFactory outputs =
        OutputFileFactory.builderFor(table, 1, 1).format(FileFormat.PARQUET).build();
    DataWriter<Record> writer =
        new GenericFileWriterFactory.Builder(table)
            .dataFileFormat(FileFormat.PARQUET)
            .dataSchema(schema)
            .build()
            .newDataWriter(
                table.spec().isUnpartitioned()
                    ? outputs.newOutputFile()
                    : outputs.newOutputFile(table.spec(), partition),
                table.spec(),
                partition);
    try (writer) {
      rows.forEach(writer::write);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.toDataFile();
  }

  @Override
  public void forEach(int source, PositionDeleteIndex positions, Places to) {
    looks++;
    positions.forEach(
        position -> {
          Place place = places.get(source).get(position);
          if (place != null) {
            to.at(place.output(), place.position());
          }
        });
  }

  @Override
  public void forEach(int source, Places to) {
    looks++;
    places.get(source).values().forEach(place -> to.at(place.output(), place.position()));
  }

  int looks() {
    return looks;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
