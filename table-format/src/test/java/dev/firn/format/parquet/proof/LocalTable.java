package dev.firn.format.parquet.proof;

import dev.firn.storage.local.LocalFileIO;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/** A table on local disk that has no snapshot and takes no commit: what writers of files need. */
record LocalTable(TableMetadata metadata, FileIO files) implements TableOperations {
  static Table of(Path directory, Schema schema, Map<String, String> properties) {
    TableMetadata metadata =
        TableMetadata.newTableMetadata(
            schema,
            PartitionSpec.unpartitioned(),
            SortOrder.unsorted(),
            directory.toString(),
            properties);
    return new BaseTable(new LocalTable(metadata, new LocalFileIO()), "local");
  }

  /** The first row id of the first file; each file was committed by itself, from this number on. */
  static final long FIRST_ID = 1000;

  static final long FIRST_SEQUENCE = 5;

  /** Files as a scan without deletes gives them. */
  static List<FileScanTask> tasks(Table table, List<Path> paths, List<Long> rows) {
    List<FileScanTask> tasks = new ArrayList<>();
    long firstRowId = FIRST_ID;
    for (int i = 0; i < paths.size(); i++) {
      DataFile file =
          DataFiles.builder(table.spec())
              .withPath(paths.get(i).toString())
              .withFormat(FileFormat.PARQUET)
              .withFileSizeInBytes(paths.get(i).toFile().length())
              .withRecordCount(rows.get(i))
              .build();
      file = committed(file, firstRowId, FIRST_SEQUENCE + i);
      firstRowId += rows.get(i);
      tasks.add(
          new BaseFileScanTask(
              file,
              new DeleteFile[0],
              SchemaParser.toJson(table.schema()),
              PartitionSpecParser.toJson(table.spec()),
              ResidualEvaluator.unpartitioned(Expressions.alwaysTrue())));
    }
    return tasks;
  }

  /** The file as a manifest gives it, which alone sets the two numbers. */
  private static DataFile committed(DataFile file, long firstRowId, long sequenceNumber) {
    return (DataFile)
        Proxy.newProxyInstance(
            LocalTable.class.getClassLoader(),
            new Class<?>[] {DataFile.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "firstRowId" -> firstRowId;
                  case "dataSequenceNumber" -> sequenceNumber;
                  default -> method.invoke(file, arguments);
                });
  }

  @Override
  public TableMetadata current() {
    return metadata;
  }

  @Override
  public TableMetadata refresh() {
    return metadata;
  }

  @Override
  public void commit(TableMetadata base, TableMetadata changed) {
    throw new UnsupportedOperationException("takes no commit");
  }

  @Override
  public FileIO io() {
    return files;
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return metadata.location() + "/metadata/" + fileName;
  }

  @Override
  public LocationProvider locationProvider() {
    return LocationProviders.locationsFor(metadata.location(), metadata.properties());
  }
}
