package dev.firn.compaction.commit;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;

import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.format.write.FileRegistrar;
import dev.firn.scan.FileTaskReader;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.types.Types;

/**
 * Other writers of a table of ids, names and parts, who do anything that a writer may do, and a
 * model of what the table holds: names by id.
 */
final class OtherWriters {
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.required(3, "part", Types.IntegerType.get()));
  private static final Schema KEY = SCHEMA.select("id");
  private static final int PARTS = 2;

  private final Table table;
  private final Random random;
  private final Map<Long, String> model = new TreeMap<>();
  private final List<String> done = new ArrayList<>();
  private long nextId;

  OtherWriters(Table table, Random random) {
    this.table = table;
    this.random = random;
  }

  /** A row, and where it is. */
  record At(FileScanTask task, long position, long id) {}

  Map<Long, String> model() {
    return model;
  }

  /** What was done, in order. */
  List<String> done() {
    return done;
  }

  void appendRows(int count) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(fresh(nextId++, "n"));
    }
    append(table, rows.toArray(Record[]::new));
  }

  private Record fresh(long id, String prefix) {
    String name = prefix + id;
    model.put(id, name);
    return row(SCHEMA, id, name, (int) (id % PARTS));
  }

  void act() {
    table.refresh();
    boolean vectors = TableFixture.formatVersion(table) > 2;
    switch (random.nextInt(11)) {
      case 0, 1 -> note("rows of a file", () -> deleteInOneFile());
      case 2 -> note("rows of a partition", () -> deleteInPartition(vectors));
      case 3, 4 -> note("rows by equality", this::deleteByEquality);
      case 5 -> note("a file", this::dropFile);
      case 6 -> note("copy on write", this::copyOnWrite);
      case 7 -> note("overwritten partition", this::overwritePartition);
      case 8 -> note("append", () -> appendRows(3));
      case 9 -> note("another compaction", this::compact);
      default -> note("expiry", this::expire);
    }
  }

  private void note(String what, Runnable action) {
    done.add(what);
    action.run();
  }

  List<FileScanTask> tasks() {
    table.refresh();
    try (CloseableIterable<FileScanTask> plan = table.newScan().planFiles()) {
      List<FileScanTask> tasks = new ArrayList<>();
      plan.forEach(tasks::add);
      tasks.sort(Comparator.comparing(task -> task.file().location()));
      return tasks;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<At> rowsOf(FileScanTask task) {
    Schema schema = new Schema(SCHEMA.findField("id"), MetadataColumns.ROW_POSITION);
    List<At> rows = new ArrayList<>();
    try (BufferAllocator memory = new RootAllocator(64 << 20);
        CloseableIterable<Record> live =
            new FileTaskReader(table, schema, Expressions.alwaysTrue()).open(task, memory)) {
      live.forEach(row -> rows.add(new At(task, (Long) row.get(1), (Long) row.get(0))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private List<At> some(List<At> rows) {
    return rows.stream().filter(row -> random.nextInt(3) == 0).toList();
  }

  private void deleteInOneFile() {
    List<FileScanTask> tasks = tasks();
    List<At> rows = tasks.isEmpty() ? List.of() : some(rowsOf(any(tasks)));
    if (!rows.isEmpty()) {
      deleteRows(table, rows.get(0).task().file(), rows.stream().mapToLong(At::position).toArray());
      rows.forEach(row -> model.remove(row.id()));
    }
  }

  private void deleteInPartition(boolean vectors) {
    List<FileScanTask> tasks = tasks();
    if (vectors || tasks.isEmpty()) {
      deleteInOneFile();
      return;
    }
    DataFile like = any(tasks).file();
    PartitionSpec spec = table.specs().get(like.specId());
    List<At> rows = new ArrayList<>();
    for (FileScanTask task : tasks) {
      if (task.file().specId() == like.specId()
          && task.file().partition().equals(like.partition())) {
        rows.addAll(some(rowsOf(task)));
      }
    }
    OutputFileFactory outputs =
        OutputFileFactory.builderFor(table, 1, 1).format(FileFormat.PARQUET).build();
    PositionDeleteWriter<Record> writer =
        new GenericFileWriterFactory.Builder(table)
            .deleteFileFormat(FileFormat.PARQUET)
            .build()
            .newPositionDeleteWriter(
                spec.isUnpartitioned()
                    ? outputs.newOutputFile()
                    : outputs.newOutputFile(spec, like.partition()),
                spec,
                like.partition());
    PositionDelete<Record> delete = PositionDelete.create();
    try (writer) {
      for (At row : rows) {
        writer.write(delete.set(row.task().file().location(), row.position()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!rows.isEmpty()) {
      table.newRowDelta().addDeletes(writer.toDeleteFile()).commit();
      rows.forEach(row -> model.remove(row.id()));
    }
  }

  /** In one partition of any spec that files have, or everywhere; often rows that come again. */
  private void deleteByEquality() {
    List<FileScanTask> tasks = tasks();
    if (tasks.isEmpty() || model.isEmpty()) {
      return;
    }
    DataFile like = any(tasks).file();
    boolean everywhere =
        random.nextBoolean()
            && table.specs().values().stream().anyMatch(PartitionSpec::isUnpartitioned);
    Map<Long, FileScanTask> homes = new HashMap<>();
    tasks.forEach(task -> rowsOf(task).forEach(row -> homes.put(row.id(), task)));
    List<Long> ids =
        model.keySet().stream()
            .filter(id -> random.nextInt(4) == 0)
            .filter(id -> everywhere || isBeside(homes.get(id).file(), like))
            .toList();
    if (ids.isEmpty()) {
      return;
    }
    deleteEqual(
        table,
        KEY,
        everywhere ? null : like,
        ids.stream().map(id -> row(KEY, id)).toArray(Record[]::new));
    ids.forEach(model::remove);
    if (random.nextBoolean()) {
      append(table, ids.stream().map(id -> fresh(id, "again")).toArray(Record[]::new));
    }
  }

  /** Whether equality deletes of the partition and spec of {@code like} reach the file. */
  private boolean isBeside(DataFile file, DataFile like) {
    return table.specs().get(like.specId()).isUnpartitioned()
        || (file.specId() == like.specId() && file.partition().equals(like.partition()));
  }

  private void dropFile() {
    List<FileScanTask> tasks = tasks();
    if (!tasks.isEmpty()) {
      FileScanTask task = any(tasks);
      rowsOf(task).forEach(row -> model.remove(row.id()));
      table.newDelete().deleteFile(task.file()).commit();
    }
  }

  private void copyOnWrite() {
    List<FileScanTask> tasks = tasks();
    if (tasks.isEmpty()) {
      return;
    }
    FileScanTask task = any(tasks);
    List<Record> rows = new ArrayList<>();
    rowsOf(task).forEach(row -> rows.add(fresh(row.id(), random.nextBoolean() ? "n" : "changed")));
    OverwriteFiles overwrite = table.newOverwrite().deleteFile(task.file());
    if (!rows.isEmpty()) {
      TableFixture.write(table, FileFormat.PARQUET, rows).forEach(overwrite::addFile);
    }
    overwrite.commit();
  }

  private void overwritePartition() {
    int part = random.nextInt(PARTS);
    List<FileScanTask> tasks = tasks();
    OverwriteFiles overwrite = table.newOverwrite();
    for (FileScanTask task : tasks) {
      List<At> rows = rowsOf(task);
      if (!rows.isEmpty() && rows.stream().allMatch(row -> row.id() % PARTS == part)) {
        overwrite.deleteFile(task.file());
        rows.forEach(row -> model.remove(row.id()));
      }
    }
    Record instead = fresh(nextId + (part + PARTS - nextId % PARTS) % PARTS, "instead");
    nextId += PARTS;
    TableFixture.write(table, FileFormat.PARQUET, List.of(instead)).forEach(overwrite::addFile);
    overwrite.commit();
  }

  private void compact() {
    List<FileScanTask> some =
        tasks().stream().filter(task -> random.nextBoolean()).collect(Collectors.toList());
    if (!some.isEmpty()) {
      Rewritten rewritten = RewriteForTest.of(table, some, 1, random);
      try (BufferAllocator memory = new RootAllocator(64 << 20)) {
        RewriteCommit.of(table, table.currentSnapshot(), memory, FileRegistrar.NONE)
            .commit(List.of(rewritten));
      }
    }
  }

  private void expire() {
    table
        .expireSnapshots()
        .expireOlderThan(System.currentTimeMillis() + 1000)
        .retainLast(1)
        .commit();
  }
}
