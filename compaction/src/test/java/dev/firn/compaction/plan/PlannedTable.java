package dev.firn.compaction.plan;

import dev.firn.scan.ScanRequest;
import dev.firn.scan.TableScanner;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/** A table of files that are only named: a planner reads none. Not thread-safe. */
final class PlannedTable {
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "part", Types.IntegerType.get()),
          Types.NestedField.optional(3, "name", Types.StringType.get()));
  static final long TARGET = 100_000;

  final Table table;
  private int files;

  PlannedTable(TableFixture fixture, PartitionSpec spec) {
    this.table = fixture.create(SCHEMA, spec, 3);
    table.updateProperties().set("write.target-file-size-bytes", Long.toString(TARGET)).commit();
  }

  static PartitionSpec byPart() {
    return PartitionSpec.builderFor(SCHEMA).identity("part").build();
  }

  /** A file of a hundred rows. */
  DataFile file(int partition, long bytes, long low, long high) {
    return file(partition, bytes, low, high, SortOrder.unsorted());
  }

  DataFile file(int partition, long bytes, long low, long high, SortOrder order) {
    return file(partition, bytes, low, high, order, 100);
  }

  private DataFile file(
      int partition, long bytes, long low, long high, SortOrder order, long rows) {
    DataFiles.Builder file =
        DataFiles.builder(table.spec())
            .withPath(table.location() + "/data/f" + files++ + ".parquet")
            .withFileSizeInBytes(bytes)
            .withRecordCount(rows)
            .withSortOrder(order)
            .withMetrics(
                new Metrics(
                    rows,
                    Map.of(),
                    Map.of(1, rows),
                    Map.of(1, 0L),
                    Map.of(),
                    Map.of(1, bytes(low)),
                    Map.of(1, bytes(high))));
    if (table.spec().isPartitioned()) {
      file.withPartitionPath("part=" + partition);
    }
    return file.build();
  }

  private static ByteBuffer bytes(long value) {
    return Conversions.toByteBuffer(Types.LongType.get(), value);
  }

  DataFile add(int partition, long bytes) {
    return add(file(partition, bytes, 0, 1000));
  }

  DataFile add(DataFile file) {
    table.newAppend().appendFile(file).commit();
    return file;
  }

  /** Adds files at once, and deletes so many rows of each by deletion vectors at once. */
  void add(Map<DataFile, Long> deadRows) {
    AppendFiles append = table.newAppend();
    deadRows.keySet().forEach(append::appendFile);
    append.commit();
    RowDelta deletes = table.newRowDelta();
    deadRows.forEach(
        (file, rows) -> {
          if (rows > 0) {
            deletes.addDeletes(vector(file, rows));
          }
        });
    deletes.commit();
  }

  /** Deletes so many rows of a file by a deletion vector. */
  void delete(DataFile file, long rows) {
    table.newRowDelta().addDeletes(vector(file, rows)).commit();
  }

  private DeleteFile vector(DataFile file, long rows) {
    return FileMetadata.deleteFileBuilder(table.specs().get(file.specId()))
        .ofPositionDeletes()
        .withFormat(FileFormat.PUFFIN)
        .withPath(table.location() + "/data/d" + files++ + ".puffin")
        .withPartition(file.partition())
        .withReferencedDataFile(file.location())
        .withContentOffset(4)
        .withContentSizeInBytes(50)
        .withFileSizeInBytes(60)
        .withRecordCount(rows)
        .build();
  }

  List<FileScanTask> tasks() {
    table.refresh();
    List<FileScanTask> tasks = new ArrayList<>();
    try (CloseableIterable<FileScanTask> plan =
        new TableScanner(table).plan(ScanRequest.EVERYTHING)) {
      plan.forEach(tasks::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tasks;
  }

  Criteria criteria() {
    table.refresh();
    return Criteria.of(table.properties());
  }

  List<FileGroup> plan() {
    return plan(criteria(), Clustering.AS_TABLE);
  }

  List<FileGroup> plan(Criteria criteria, Clustering clustering) {
    List<FileScanTask> tasks = tasks();
    Instant later = Instant.now().plus(Duration.ofSeconds(1));
    return new Planner(table, criteria, clustering, later).plan(tasks);
  }

  /** Commits what a rewrite of the groups would make, if bytes came out as they went in. */
  void rewrite(List<FileGroup> groups, SortOrder order) {
    RewriteFiles rewrite =
        table.newRewrite().validateFromSnapshot(table.currentSnapshot().snapshotId());
    for (FileGroup group : groups) {
      long live = 0;
      int partition = 0;
      for (FileScanTask source : group.sources()) {
        rewrite.deleteFile(source.file());
        source.deletes().forEach(rewrite::deleteFile);
        Source judged = new Source(source);
        live += judged.bytes() - judged.deadBytes();
        boolean isPartitioned = table.spec().isPartitioned();
        partition = isPartitioned ? source.file().partition().get(0, Integer.class) : 0;
      }
      for (long low = 0; low < live && !group.isMetadataOnly(); low += group.fileBytes()) {
        long bytes = Math.min(live - low, group.fileBytes());
        rewrite.addFile(file(partition, bytes, low, low + bytes, order, 1));
      }
    }
    rewrite.commit();
  }
}
