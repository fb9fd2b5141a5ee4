package dev.firn.keyindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * A table that changes at random by Iceberg's own operations, what each snapshot must hold, and an
 * index of it.
 */
final class History implements AutoCloseable {
  private static final int KEYS = 40;

  private record Row(String file, long position, List<Object> key) {}

  private final Table table;
  private final Schema key;
  private final Random random;
  private final BufferAllocator allocator;
  private final KeyIndexOptions options;
  private final LongUnaryOperator seam;
  private final Map<Long, Set<Row>> snapshots = new LinkedHashMap<>();
  private final Map<String, DataFile> files = new HashMap<>();
  private Set<Row> staged = new HashSet<>();
  private KeyIndex index;
  private @Nullable Snapshot synced;

  History(
      Table table,
      Random random,
      BufferAllocator allocator,
      KeyIndexOptions options,
      LongUnaryOperator seam) {
    this.table = table;
    this.random = random;
    this.allocator = allocator;
    this.options = options;
    this.seam = seam;
    this.index = KeyIndex.open(table, allocator, options, seam);
    this.key = index.key();
  }

  static Schema schema(Type first, @Nullable Type second) {
    List<Types.NestedField> fields = new ArrayList<>();
    fields.add(Types.NestedField.optional(1, "value", Types.StringType.get()));
    fields.add(Types.NestedField.required(2, "k1", first));
    if (second != null) {
      fields.add(Types.NestedField.required(3, "k2", second));
    }
    return new Schema(fields, second == null ? Set.of(2) : Set.of(2, 3));
  }

  void step(String about) {
    try {
      change();
      if (random.nextInt(4) > 0) {
        sync(random.nextInt(5) == 0);
      }
      check();
      check();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("a random history failed at " + about + ": " + e.getMessage(), e);
    }
  }

  private void change() {
    Set<Row> now = current();
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> append(null);
      case 4, 5 -> stage();
      case 6 -> deleteRows(now);
      case 7 -> deleteKeys(now);
      case 8 -> compact(now);
      case 9 -> rollBack();
      case 10 -> branchOrManifests();
      default -> reopen();
    }
  }

  private Set<Row> current() {
    Snapshot snapshot = table.currentSnapshot();
    return snapshot == null ? Set.of() : snapshots.get(snapshot.snapshotId());
  }

  private void committed(Set<Row> rows) {
    table.refresh();
    snapshots.put(table.currentSnapshot().snapshotId(), rows);
  }

  private Set<Row> write(List<DataFile> target, List<Record> rows) {
    FileFormat format = random.nextInt(4) == 0 ? FileFormat.AVRO : FileFormat.PARQUET;
    Set<Row> written = new HashSet<>();
    for (DataFile file : TableFixture.write(table, format, rows)) {
      target.add(file);
      files.put(file.location(), file);
      // One partition keeps the order of its rows.
      List<Record> own = TestRows.inPartition(table, file, rows);
      for (int i = 0; i < own.size(); i++) {
        written.add(new Row(file.location(), i, values(own.get(i))));
      }
    }
    return written;
  }

  private List<Object> values(Record row) {
    return key.columns().stream().map(field -> row.getField(field.name())).toList();
  }

  private List<Record> rows() {
    List<Record> rows = new ArrayList<>();
    for (int i = 1 + random.nextInt(30); i > 0; i--) {
      Record row = TableFixture.row(table.schema(), "v" + i);
      List<Object> values = values(random.nextInt(KEYS));
      for (int j = 0; j < values.size(); j++) {
        row.setField(key.columns().get(j).name(), values.get(j));
      }
      rows.add(row);
    }
    return rows;
  }

  private List<Object> values(int number) {
    List<Object> values = new ArrayList<>();
    for (Types.NestedField field : key.columns()) {
      values.add(
          switch (field.type().typeId()) {
            case INTEGER -> number % 7 - 3;
            case LONG -> (number - 3L) << 40;
            case STRING -> "key-é-".repeat(number % 3) + number;
            case UUID -> new UUID(number % 5, 7);
            default -> throw new IllegalArgumentException(field.toString());
          });
    }
    return values;
  }

  private void append(@Nullable String branch) {
    List<DataFile> added = new ArrayList<>();
    Set<Row> rows = new HashSet<>(write(added, rows()));
    AppendFiles append = random.nextBoolean() ? table.newAppend() : table.newFastAppend();
    added.forEach(append::appendFile);
    if (branch != null) {
      append.toBranch(branch).commit();
      table.refresh();
      Snapshot head = table.snapshot(branch);
      rows.addAll(snapshots.get(head.parentId()));
      snapshots.put(head.snapshotId(), rows);
      return;
    }
    rows.addAll(current());
    append.commit();
    committed(rows);
  }

  /** Stages files, looks them up, and commits them or not. */
  private void stage() {
    List<DataFile> added = new ArrayList<>();
    Set<Row> rows = write(added, rows());
    index.stage(added);
    staged.addAll(rows);
    check();
    if (random.nextBoolean()) {
      index.unstage();
      staged = new HashSet<>();
      check();
      return;
    }
    Set<Row> all = new HashSet<>(current());
    all.addAll(rows);
    AppendFiles append = table.newAppend();
    added.forEach(append::appendFile);
    append.commit();
    committed(all);
    sync(false);
  }

  private void deleteRows(Set<Row> now) {
    Row victim = any(now);
    if (victim == null) {
      return;
    }
    Set<Row> gone =
        now.stream()
            .filter(row -> row.file().equals(victim.file()))
            .filter(row -> row.equals(victim) || random.nextInt(3) == 0)
            .collect(Collectors.toSet());
    long[] positions = gone.stream().mapToLong(Row::position).sorted().toArray();
    TableFixture.deleteRows(table, files.get(victim.file()), positions);
    Set<Row> left = new HashSet<>(now);
    left.removeAll(gone);
    committed(left);
  }

  /** By the whole key, or by its first field alone, as other engines do. */
  private void deleteKeys(Set<Row> now) {
    Row victim = any(now);
    if (victim == null) {
      return;
    }
    int fields = 1 + random.nextInt(key.columns().size());
    Schema columns = new Schema(key.columns().subList(0, fields));
    List<Object> values = victim.key().subList(0, fields);
    DataFile like = table.spec().isUnpartitioned() ? null : files.get(victim.file());
    TableFixture.deleteEqual(table, columns, like, TableFixture.row(columns, values.toArray()));
    Set<Row> left = new HashSet<>(now);
    left.removeIf(row -> row.key().subList(0, fields).equals(values));
    committed(left);
  }

  /** Rewrites some files into one or more, without the rows that are deleted. */
  private void compact(Set<Row> now) {
    Set<String> sources = new TreeSet<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> sources.add(task.file().location()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sources.removeIf(file -> random.nextInt(3) == 0);
    if (sources.isEmpty()) {
      return;
    }
    List<Record> moved = new ArrayList<>();
    for (Row row : now) {
      if (sources.contains(row.file())) {
        Record copy = TableFixture.row(table.schema(), "moved");
        for (int i = 0; i < row.key().size(); i++) {
          copy.setField(key.columns().get(i).name(), row.key().get(i));
        }
        moved.add(copy);
      }
    }
    List<DataFile> added = new ArrayList<>();
    Set<Row> rows = new HashSet<>(now);
    rows.removeIf(row -> sources.contains(row.file()));
    rows.addAll(moved.isEmpty() ? Set.of() : write(added, moved));
    RewriteFiles rewrite =
        table.newRewrite().validateFromSnapshot(table.currentSnapshot().snapshotId());
    sources.forEach(file -> rewrite.deleteFile(files.get(file)));
    added.forEach(rewrite::addFile);
    rewrite.commit();
    committed(rows);
  }

  private void rollBack() {
    Snapshot snapshot = table.currentSnapshot();
    if (snapshot != null && snapshot.parentId() != null) {
      table.manageSnapshots().rollbackTo(snapshot.parentId()).commit();
      table.refresh();
    }
  }

  private void branchOrManifests() {
    Snapshot snapshot = table.currentSnapshot();
    if (snapshot == null) {
      return;
    }
    if (random.nextBoolean()) {
      Set<Row> rows = current();
      table.rewriteManifests().clusterBy(file -> "all").commit();
      committed(rows);
      return;
    }
    if (table.snapshot("side") == null) {
      table.manageSnapshots().createBranch("side").commit();
      table.refresh();
    }
    append("side");
  }

  private void reopen() {
    if (random.nextBoolean()) {
      index.save();
    }
    index.close();
    staged = new HashSet<>();
    synced = null;
    index = KeyIndex.open(table, allocator, options, seam);
  }

  private void sync(boolean anywhere) {
    synced = table.currentSnapshot();
    if (anywhere && !snapshots.isEmpty()) {
      List<Long> ids = List.copyOf(snapshots.keySet());
      synced = table.snapshot(ids.get(random.nextInt(ids.size())));
    }
    index.syncTo(synced);
    Set<Row> rows = synced == null ? Set.of() : snapshots.get(synced.snapshotId());
    Set<String> committed = rows.stream().map(Row::file).collect(Collectors.toSet());
    staged.removeIf(row -> committed.contains(row.file()));
  }

  private @Nullable Row any(Set<Row> rows) {
    List<Row> list = List.copyOf(rows);
    return list.isEmpty() ? null : list.get(random.nextInt(list.size()));
  }

  private void check() {
    Map<String, Set<String>> deletes = plannedDeletes();
    List<List<Object>> keys = new ArrayList<>();
    for (int i = random.nextInt(KEYS); i >= 0; i--) {
      keys.add(values(random.nextInt(2 * KEYS)));
    }
    Set<String> expected = new TreeSet<>();
    Set<Row> live = new HashSet<>(staged);
    live.addAll(synced == null ? Set.of() : snapshots.get(synced.snapshotId()));
    for (Row row : live) {
      for (int i = 0; i < keys.size(); i++) {
        if (keys.get(i).equals(row.key())) {
          expected.add(i + " " + row.file() + " " + row.position());
        }
      }
    }
    List<String> found = new ArrayList<>();
    try (VectorSchemaRoot batch = batch(keys)) {
      index.find(
          batch,
          (row, task, position) -> {
            found.add(row + " " + task.file().location() + " " + position);
            Set<String> applying =
                task.deletes().stream().map(LiveDeletes::id).collect(Collectors.toSet());
            assertThat(deletes.getOrDefault(task.file().location(), Set.of()))
                .as("deletes of " + task.file().location())
                .isSubsetOf(applying);
          });
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
  }

  private VectorSchemaRoot batch(List<List<Object>> keys) {
    VectorSchemaRoot batch = VectorSchemaRoot.create(ArrowSchemas.toArrow(key), allocator);
    ArrowBatchBuilder builder = new ArrowBatchBuilder(key, batch);
    keys.forEach(values -> builder.add(TableFixture.row(key, values.toArray())));
    return builder.finish();
  }

  /**
   * Which deletes Iceberg's own planning gives each file; equality deletes only if they may hit.
   */
  private Map<String, Set<String>> plannedDeletes() {
    if (synced == null) {
      return Map.of();
    }
    TableScan scan = table.newScan().useSnapshot(synced.snapshotId());
    Map<String, Set<String>> planned = new HashMap<>();
    try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
      for (FileScanTask task : tasks) {
        planned.put(
            task.file().location(),
            task.deletes().stream().map(History::id).collect(Collectors.toSet()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return planned;
  }

  private static String id(DeleteFile file) {
    return LiveDeletes.id(file);
  }

  @Override
  public void close() {
    index.close();
  }
}
