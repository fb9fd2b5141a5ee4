package dev.firn.format.write;

import dev.firn.format.parquet.write.ParquetSettings;
import dev.firn.format.parquet.write.ParquetWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.OutputFileFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where files come from and where finished ones go: starts data files of one table under one spec,
 * and remembers each location so that a failed write can be undone. Confined to one thread.
 */
final class FileSink {
  private final Table table;
  private final Schema schema;
  private final PartitionSpec spec;
  private final SortOrder order;
  private final long targetBytes;
  private final BufferAllocator allocator;
  private final OutputFileFactory outputs;
  // Of Parquet files; other formats are written by Iceberg.
  private final @Nullable ParquetSettings settings;
  private final @Nullable FileWriterFactory<Record> writers;
  private final FileRegistrar registrar;
  private final WriteOptions.Room room;
  private final @Nullable RowPlaces places;
  private final List<String> locations = new ArrayList<>();
  private final List<DataFile> finished = new ArrayList<>();
  private long finishedBytes;
  private int open;
  private int mostOpen;

  /** What a sink's files have in common. */
  record Layout(
      Schema schema,
      PartitionSpec spec,
      SortOrder order,
      FileFormat format,
      long targetBytes,
      WriteOptions options) {}

  FileSink(Table table, Layout layout, WriteLimits limits, BufferAllocator allocator) {
    this.table = table;
    this.schema = layout.schema();
    this.spec = layout.spec();
    this.order = layout.order();
    this.targetBytes = layout.targetBytes();
    this.registrar = layout.options().registrar();
    this.room = layout.options().room();
    this.places = layout.options().arrangement().places();
    this.allocator = allocator;
    boolean parquet = layout.format() == FileFormat.PARQUET;
    this.settings =
        parquet
            ? ParquetSettings.of(
                limits.fit(table.properties(), schema, targetBytes), MetricsConfig.forTable(table))
            : null;
    this.writers =
        parquet
            ? null
            : new GenericFileWriterFactory.Builder(table)
                .dataSchema(schema)
                .dataSortOrder(order)
                .build();
    // The factory names files by a random operation id, so no two writers collide.
    this.outputs = OutputFileFactory.builderFor(table, 0, 0).defaultSpec(spec).build();
  }

  long targetBytes() {
    return targetBytes;
  }

  OpenFile open(PartitionKey partition) {
    EncryptedOutputFile output =
        spec.isPartitioned() ? outputs.newOutputFile(spec, partition) : outputs.newOutputFile();
    CountedOutput counted = new CountedOutput(output.encryptingOutputFile());
    registrar.creating(List.of(counted.location()));
    locations.add(counted.location());
    OpenFile file = create(counted, output, partition);
    open++;
    mostOpen = Math.max(mostOpen, open);
    return file;
  }

  private OpenFile create(
      CountedOutput counted, EncryptedOutputFile output, PartitionKey partition) {
    FileWriterFactory<Record> iceberg = writers;
    if (iceberg != null) {
      EncryptedOutputFile target = EncryptedFiles.encryptedOutput(counted, output.keyMetadata());
      return new RecordFile(iceberg.newDataWriter(target, spec, partition), counted, schema);
    }
    ParquetSettings parquet = Objects.requireNonNull(settings);
    ParquetWriter writer =
        ParquetWriter.create(counted, schema, parquet, allocator, room.executor(), room.threads());
    return new ParquetFile(writer, counted.location(), spec, partition, order);
  }

  /** Rows of a batch went to the file; their origins are its last column, if they have any. */
  void written(OpenFile file, VectorSchemaRoot rows, int from, int count) throws IOException {
    RowPlaces told = places;
    if (told != null) {
      int last = rows.getFieldVectors().size() - 1;
      told.written(file.location(), (BigIntVector) rows.getVector(last), from, count);
    }
  }

  void finish(OpenFile file) throws IOException {
    open--;
    DataFile done = file.finish();
    finished.add(done);
    finishedBytes += done.fileSizeInBytes();
  }

  /** The most files open at once so far. */
  int mostOpen() {
    return mostOpen;
  }

  long finishedBytes() {
    return finishedBytes;
  }

  List<DataFile> finished() {
    return List.copyOf(finished);
  }

  /** Removes every file ever started, as far as the store allows. */
  void removeAll() {
    registrar.removed(WrittenFiles.remove(table.io(), locations));
    locations.clear();
  }
}
