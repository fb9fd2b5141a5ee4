package dev.firn.format.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
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

/**
 * Where files come from and where finished ones go: starts data files of one table under one spec,
 * and remembers each location so that a failed write can be undone. Confined to one thread.
 */
final class FileSink {
  // What Iceberg's Parquet writer holds per column before its first value: level and value slabs.
  private static final long OVERHEAD_PER_COLUMN = 16 << 10;

  private final Table table;
  private final PartitionSpec spec;
  private final long targetBytes;
  private final long overhead;
  private final FileWriterFactory<Record> writers;
  private final OutputFileFactory outputs;
  private final List<String> locations = new ArrayList<>();
  private final List<DataFile> finished = new ArrayList<>();
  private long finishedBytes;

  FileSink(Table table, Schema schema, PartitionSpec spec, SortOrder order, long targetBytes) {
    this.table = table;
    this.spec = spec;
    this.targetBytes = targetBytes;
    this.overhead = OVERHEAD_PER_COLUMN * schema.idToName().size();
    this.writers =
        new GenericFileWriterFactory.Builder(table).dataSchema(schema).dataSortOrder(order).build();
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
    locations.add(counted.location());
    EncryptedOutputFile target = EncryptedFiles.encryptedOutput(counted, output.keyMetadata());
    return new OpenFile(
        writers.newDataWriter(target, spec, partition), counted, overhead, targetBytes);
  }

  void finish(OpenFile file) throws IOException {
    DataFile done = file.finish();
    finished.add(done);
    finishedBytes += done.fileSizeInBytes();
  }

  long finishedBytes() {
    return finishedBytes;
  }

  List<DataFile> finished() {
    return List.copyOf(finished);
  }

  /** Removes every file ever started, as far as the store allows. */
  void removeAll() {
    for (String location : locations) {
      WrittenFiles.remove(table.io(), location);
    }
    locations.clear();
  }
}
