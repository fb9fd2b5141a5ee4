package dev.firn.scan.change;

import dev.firn.scan.Decoding;
import dev.firn.scan.FileTaskReader;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.types.Types;

/**
 * A table that changes at random, by Iceberg's own API: every kind of commit that an engine makes.
 * The first column is an id that no change alters.
 */
final class RandomTable {
  private static final Schema COLUMNS =
      new Schema(
          List.of(
              Types.NestedField.required(1, "id", Types.LongType.get()),
              Types.NestedField.optional(2, "s", Types.StringType.get()),
              Types.NestedField.optional(3, "d", Types.DoubleType.get()),
              Types.NestedField.optional(
                  4,
                  "n",
                  Types.StructType.of(
                      Types.NestedField.optional(5, "a", Types.IntegerType.get())))));
  private static final FileFormat[] FORMATS = {
    FileFormat.PARQUET, FileFormat.PARQUET, FileFormat.AVRO
  };

  private final Random random;
  private final Table table;
  private final boolean identified;
  private long nextId;
  private int names;

  RandomTable(TableFixture fixture, Random random) {
    this.random = random;
    this.identified = random.nextBoolean();
    Schema schema =
        identified ? new Schema(COLUMNS.columns(), Set.of(1)) : new Schema(COLUMNS.columns());
    PartitionSpec spec =
        random.nextBoolean()
            ? PartitionSpec.unpartitioned()
            : PartitionSpec.builderFor(schema).identity("s").build();
    table = fixture.create(schema, spec, 2 + random.nextInt(2));
    // Manifests are merged often, so that files are listed anew without being new.
    table
        .updateProperties()
        .set(TableProperties.MANIFEST_MIN_MERGE_COUNT, "3")
        .set(TableProperties.MANIFEST_MERGE_ENABLED, Boolean.toString(random.nextBoolean()))
        .commit();
  }

  Table table() {
    return table;
  }

  void step() {
    table.refresh();
    switch (random.nextInt(14)) {
      case 0 -> evolve();
      case 1 -> repartition();
      case 2, 3 -> deleteByPosition();
      case 4 -> deleteOfPartition();
      case 5, 6 -> upsert();
      case 7, 8 -> copyOnWrite();
      case 9 -> compact();
      case 10 -> dropFiles();
      default -> append();
    }
    table.refresh();
  }

  private Record row(long id) {
    GenericRecord row = GenericRecord.create(table.schema());
    for (Types.NestedField field : table.schema().columns()) {
      row.setField(field.name(), field.fieldId() == 1 ? Long.valueOf(id) : value(field));
    }
    return row;
  }

  private Object value(Types.NestedField field) {
    if (random.nextInt(5) == 0) {
      return null;
    }
    return switch (field.type().typeId()) {
      case INTEGER -> random.nextInt(3);
      case LONG -> (long) random.nextInt(3);
      case STRING -> List.of("a", "b", "c").get(random.nextInt(3));
      case DOUBLE -> random.nextInt(5) == 0 ? Double.NaN : (double) random.nextInt(2);
      case STRUCT -> {
        GenericRecord nested = GenericRecord.create(field.type().asStructType());
        nested.set(0, random.nextInt(3));
        yield nested;
      }
      default -> throw new IllegalStateException(field.toString());
    };
  }

  private FileFormat format() {
    return FORMATS[random.nextInt(FORMATS.length)];
  }

  private void append() {
    var append = table.newFastAppend();
    for (int files = 1 + random.nextInt(2); files > 0; files--) {
      TableFixture.write(table, format(), newRows(1 + random.nextInt(6)))
          .forEach(append::appendFile);
    }
    append.commit();
  }

  private List<Record> newRows(int count) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(row(nextId++));
    }
    return rows;
  }

  private void evolve() {
    switch (random.nextInt(4)) {
      case 0 -> table.updateSchema().addColumn("c" + names++, Types.IntegerType.get()).commit();
      case 1 -> table.updateSchema().renameColumn("d", "d").commit();
      case 2 ->
          payload().stream()
              .filter(field -> field.type().typeId() == Types.IntegerType.get().typeId())
              .findFirst()
              .ifPresent(
                  field ->
                      table
                          .updateSchema()
                          .updateColumn(field.name(), Types.LongType.get())
                          .commit());
      default ->
          payload().stream()
              .findFirst()
              .ifPresent(field -> table.updateSchema().deleteColumn(field.name()).commit());
    }
  }

  private List<Types.NestedField> payload() {
    return table.schema().columns().stream().filter(field -> field.fieldId() > 5).toList();
  }

  private void repartition() {
    if (table.spec().isPartitioned()) {
      table.updateSpec().removeField(table.spec().fields().get(0).name()).commit();
    } else {
      table.updateSpec().addField("p" + names++, Expressions.bucket("id", 3)).commit();
    }
  }

  private List<FileScanTask> tasks() {
    List<FileScanTask> tasks = new ArrayList<>();
    try (CloseableIterable<FileScanTask> plan = table.newScan().planFiles()) {
      plan.forEach(tasks::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Collections.shuffle(tasks, random);
    return tasks;
  }

  private void deleteByPosition() {
    List<FileScanTask> tasks = tasks();
    if (!tasks.isEmpty()) {
      DataFile file = tasks.get(0).file();
      TableFixture.deleteRows(table, file, random.nextInt((int) file.recordCount()));
    }
  }

  /** One position delete file for several data files of a partition. */
  private void deleteOfPartition() {
    List<FileScanTask> tasks = tasks();
    if (TableFixture.formatVersion(table) >= 3 || tasks.isEmpty()) {
      return;
    }
    DataFile first = tasks.get(0).file();
    PartitionSpec spec = table.specs().get(first.specId());
    var writer =
        new GenericFileWriterFactory.Builder(table)
            .deleteFileFormat(FileFormat.PARQUET)
            .build()
            .newPositionDeleteWriter(
                outputs().newOutputFile(spec, first.partition()), spec, first.partition());
    org.apache.iceberg.deletes.PositionDelete<Record> delete =
        org.apache.iceberg.deletes.PositionDelete.create();
    try (writer) {
      tasks.stream()
          .map(FileScanTask::file)
          .filter(file -> file.specId() == first.specId())
          .filter(file -> file.partition().equals(first.partition()))
          .sorted(java.util.Comparator.comparing(DataFile::location))
          .forEach(
              file ->
                  writer.write(
                      delete.set(file.location(), random.nextInt((int) file.recordCount()))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    table.newRowDelta().addDeletes(writer.toDeleteFile()).commit();
  }

  private OutputFileFactory outputs() {
    return OutputFileFactory.builderFor(table, 1, 1).format(FileFormat.PARQUET).build();
  }

  /** As Flink does: equality deletes of keys and their new rows in one commit. */
  private void upsert() {
    PartitionSpec global =
        table.specs().values().stream()
            .filter(PartitionSpec::isUnpartitioned)
            .findFirst()
            .orElse(null);
    if (global == null || nextId == 0) {
      return;
    }
    Schema key = table.schema().select("id");
    EqualityDeleteWriter<Record> writer =
        new GenericFileWriterFactory.Builder(table)
            .deleteFileFormat(FileFormat.PARQUET)
            .equalityDeleteRowSchema(key)
            .equalityFieldIds(new int[] {1})
            .build()
            .newEqualityDeleteWriter(
                OutputFileFactory.builderFor(table, 1, 1)
                    .format(FileFormat.PARQUET)
                    .build()
                    .newOutputFile(),
                global,
                null);
    List<Record> rows = new ArrayList<>();
    try (writer) {
      Set<Long> ids = new HashSet<>();
      for (int i = 0; i < 3; i++) {
        ids.add((long) random.nextInt((int) nextId));
      }
      for (long id : ids) {
        writer.write(TableFixture.row(key, id));
        if (random.nextInt(3) > 0) {
          rows.add(row(id));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    RowDelta delta = table.newRowDelta().addDeletes(writer.toDeleteFile());
    if (random.nextBoolean()) {
      rows.addAll(newRows(1));
    }
    if (!rows.isEmpty()) {
      TableFixture.write(table, format(), rows).forEach(delta::addRows);
    }
    delta.commit();
  }

  /** The live rows of a file, with their lineage where there is one. */
  private List<Record> live(List<FileScanTask> tasks) {
    Schema schema = lineage();
    FileTaskReader reader =
        new FileTaskReader(
            table, table.schema(), schema, Expressions.alwaysTrue(), Decoding.INLINE);
    List<Record> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator()) {
      for (FileScanTask task : tasks) {
        try (CloseableIterable<Record> open = reader.open(task, allocator)) {
          open.forEach(rows::add);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private Schema lineage() {
    return TableFixture.formatVersion(table) >= 3
        ? MetadataColumns.schemaWithRowLineage(table.schema())
        : table.schema();
  }

  private List<FileScanTask> ofOnePartition() {
    List<FileScanTask> tasks = tasks();
    if (tasks.isEmpty()) {
      return tasks;
    }
    DataFile first = tasks.get(0).file();
    return tasks.stream()
        .filter(task -> task.file().specId() == first.specId())
        .filter(task -> task.file().partition().equals(first.partition()))
        .limit(2)
        .toList();
  }

  private DataFile write(FileScanTask like, List<Record> rows) {
    PartitionSpec spec = table.specs().get(like.file().specId());
    DataWriter<Record> writer =
        new GenericFileWriterFactory.Builder(table)
            .dataFileFormat(FileFormat.PARQUET)
            .dataSchema(lineage())
            .build()
            .newDataWriter(
                outputs().newOutputFile(spec, like.file().partition()),
                spec,
                like.file().partition());
    try (writer) {
      writer.write(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.toDataFile();
  }

  /** As Spark does without merge-on-read: files are replaced by files with some rows changed. */
  private void copyOnWrite() {
    List<FileScanTask> tasks = ofOnePartition();
    if (tasks.isEmpty()) {
      return;
    }
    List<Record> kept = new ArrayList<>();
    for (Record row : live(tasks)) {
      switch (random.nextInt(4)) {
        case 0 -> {}
        case 1 -> kept.add(changed(row));
        default -> kept.add(row);
      }
    }
    OverwriteFiles overwrite = table.newOverwrite();
    tasks.forEach(task -> overwrite.deleteFile(task.file()));
    if (!kept.isEmpty()) {
      overwrite.addFile(write(tasks.get(0), kept));
    }
    overwrite.commit();
  }

  /** A change of a column that no partition is made of. */
  private Record changed(Record row) {
    Record changed = row.copy();
    changed.setField("d", 10.0 + random.nextInt(100));
    if (changed.struct().field("_last_updated_sequence_number") != null) {
      changed.setField("_last_updated_sequence_number", null);
    }
    return changed;
  }

  private void compact() {
    List<FileScanTask> tasks = ofOnePartition();
    if (tasks.size() < 2) {
      return;
    }
    List<Record> rows = live(tasks);
    if (rows.isEmpty()) {
      return;
    }
    RewriteFiles rewrite =
        table.newRewrite().validateFromSnapshot(table.currentSnapshot().snapshotId());
    tasks.forEach(task -> rewrite.deleteFile(task.file()));
    vectors(tasks).values().forEach(rewrite::deleteFile);
    rewrite.addFile(write(tasks.get(0), rows));
    rewrite.commit();
  }

  private static Map<String, DeleteFile> vectors(List<FileScanTask> tasks) {
    Map<String, DeleteFile> vectors = new LinkedHashMap<>();
    for (FileScanTask task : tasks) {
      for (DeleteFile delete : task.deletes()) {
        if (delete.format() == FileFormat.PUFFIN
            && delete.content() == FileContent.POSITION_DELETES) {
          vectors.put(DeleteIndex.key(delete), delete);
        }
      }
    }
    return vectors;
  }

  private void dropFiles() {
    List<FileScanTask> tasks = tasks();
    if (!tasks.isEmpty()) {
      table.newDelete().deleteFile(tasks.get(0).file()).commit();
    }
  }
}
