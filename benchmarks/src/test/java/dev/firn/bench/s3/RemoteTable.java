package dev.firn.bench.s3;

import dev.firn.Lakehouse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.OutputFileFactory;

/**
 * A table in a bucket, in a catalog of ours, and at the metadata file that peers open it by: their
 * side is spared the catalog. Immutable.
 */
record RemoteTable(Map<String, String> settings, String bucket, String metadata) {
  static final String NAME = "bench.orders";

  /** Returns the settings of a lakehouse in the bucket that does nothing by itself. */
  static Map<String, String> settings(RemoteServer server, String bucket, String catalog) {
    Map<String, String> settings = new HashMap<>(server.properties());
    settings.put("warehouse", bucket + "/lake");
    settings.put("catalog", catalog);
    settings.put("firn.upkeep", "off");
    return Map.copyOf(settings);
  }

  /** Makes a table of a file for each of {@code files}, written by Iceberg's generic writer. */
  static RemoteTable create(
      Map<String, String> settings, String bucket, Schema schema, List<Stream<Record>> files) {
    try (Lakehouse lake = Lakehouse.open(settings)) {
      Table table = lake.createTable(NAME, schema).iceberg();
      List<DataFile> written = new ArrayList<>();
      for (int file = 0; file < files.size(); file++) {
        written.add(write(table, file, files.get(file)));
      }
      append(table, written);
      return new RemoteTable(settings, bucket, metadataLocation(table));
    }
  }

  private static String metadataLocation(Table table) {
    return ((HasTableOperations) table).operations().refresh().metadataFileLocation();
  }

  /** Writes a file by Iceberg's generic writer; its number is in its name. */
  static DataFile write(Table table, int number, Stream<Record> rows) {
    GenericFileWriterFactory writers =
        new GenericFileWriterFactory.Builder(table)
            .dataFileFormat(FileFormat.PARQUET)
            .dataSchema(table.schema())
            .build();
    OutputFileFactory outputs =
        OutputFileFactory.builderFor(table, 1, number).format(FileFormat.PARQUET).build();
    DataWriter<Record> writer =
        writers.newDataWriter(outputs.newOutputFile(), PartitionSpec.unpartitioned(), null);
    try (writer) {
      rows.forEach(writer::write);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.toDataFile();
  }

  static void append(Table table, List<DataFile> files) {
    AppendFiles append = table.newFastAppend();
    files.forEach(append::appendFile);
    append.commit();
  }

  /** Opens it with a peer's store, which stays the caller's. */
  Table open(FileIO store) {
    return new BaseTable(new StaticTableOperations(metadata, store), NAME);
  }

  /** Does something with a lakehouse that is opened for it. */
  void withLake(Consumer<Lakehouse> work) {
    try (Lakehouse lake = Lakehouse.open(settings)) {
      work.accept(lake);
    }
  }
}
