package dev.firn.compaction.rewrite;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compaction.plan.FileGroup;
import dev.firn.format.write.key.Keys;
import dev.firn.format.write.key.RowOrder;
import dev.firn.scan.FileTaskReader;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.TableScanner;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random tables, some partitioned, evolved, with deletes of every kind, rewritten in order, sorted,
 * or by a key: the same rows with the same lineage, each where the row map says. The seed is {@code
 * firn.rewrite.seed}.
 */
class RewriterModelTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.optional(3, "part", Types.IntegerType.get()));

  private final TableFixture fixture = TableFixture.open();

  @TempDir private Path directory;

  @AfterEach
  void close() throws IOException {
    fixture.close();
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  static Stream<Long> seeds() {
    long first = Long.getLong("firn.rewrite.seed", 20_260_101L);
    return Stream.iterate(first, seed -> seed + 1).limit(8);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyRowIsWhereTheMapSays(long seed) throws IOException {
    Random random = new Random(seed);
    Table table = table(random);
    table.refresh();
    List<FileScanTask> sources = group(tasks(table), random);
    Map<Long, List<Object>> before = rows(table);
    Map<Long, long[]> origins = origins(table, sources);
    int threads = 1 + random.nextInt(3);
    long target = random.nextBoolean() ? 128 << 20 : 20_000;
    try (BufferAllocator allocator = new RootAllocator(128 << 20);
        Rewriter rewriter =
            Rewriter.open(
                table,
                order(random, RewriteOptions.of(allocator))
                    .threads(threads)
                    .memoryBytes(1 << 20)
                    .directory(directory))) {
      Rewritten done = rewriter.rewrite(new FileGroup("", sources, target, 1));
      try (RowMap map = done.rows()) {
        commit(table, done);

        assertThat(rows(table)).as("seed %d", seed).isEqualTo(before);
        assertThat(done.content().rows()).isEqualTo(origins.size());
        checkPlaces(table, done, map, origins);
      }
    }
  }

  private Table table(Random random) {
    int version = 2 + random.nextInt(2);
    Table table = fixture.create(SCHEMA, version);
    int files = 1 + random.nextInt(5);
    if (random.nextBoolean()) {
      table.updateSpec().addField("part").commit();
    }
    if (random.nextInt(3) == 0) {
      table.replaceSortOrder().asc("name").desc("id").commit();
    }
    long id = 0;
    for (int f = 0; f < files; f++) {
      if (f == 3) {
        table.updateSpec().addField(Expressions.bucket("id", 2)).commit();
      }
      int count = 1 + random.nextInt(random.nextInt(4) == 0 ? 4000 : 60);
      Record[] rows = new Record[count];
      for (int i = 0; i < count; i++) {
        rows[i] = row(SCHEMA, id++, name(random), random.nextInt(3));
      }
      for (DataFile file : append(table, rows)) {
        delete(table, file, random);
      }
    }
    if (random.nextInt(3) == 0) {
      deleteEqual(
          table,
          SCHEMA.select("id"),
          null,
          row(SCHEMA.select("id"), (long) random.nextInt((int) id)));
    }
    return table;
  }

  private static String name(Random random) {
    return random.nextInt(10) == 0 ? null : "name " + random.nextInt(1000) + "x".repeat(40);
  }

  private static void delete(Table table, DataFile file, Random random) {
    int share = random.nextInt(4) * random.nextInt(4);
    long[] dead =
        random
            .ints(0, (int) file.recordCount())
            .limit(file.recordCount() * share / 9)
            .distinct()
            .sorted()
            .asLongStream()
            .toArray();
    if (dead.length > 0) {
      deleteRows(table, file, dead);
    }
  }

  private static RewriteOptions order(Random random, RewriteOptions options) {
    return switch (random.nextInt(4)) {
      case 0 -> options.orderedBy(byIdBackwards());
      case 1 -> options.sortedBy(SortOrder.builderFor(SCHEMA).desc("name").build());
      case 2 -> options.sortedBy(SortOrder.unsorted());
      default -> options;
    };
  }

  private static RowOrder byIdBackwards() {
    return (batch, allocator) -> {
      int rows = batch.getRowCount();
      ArrowBuf bytes = allocator.buffer(8L * rows + 8);
      BigIntVector ids = (BigIntVector) batch.getVector(0);
      for (int i = 0; i < rows; i++) {
        bytes.setLong(8L * i, Long.reverseBytes(Long.MAX_VALUE - ids.get(i)));
      }
      return Keys.fixed(bytes, rows, 8);
    };
  }

  /** All files, or those of one partition. */
  private static List<FileScanTask> group(List<FileScanTask> all, Random random) {
    FileScanTask first = all.get(0);
    return random.nextBoolean()
        ? all
        : all.stream()
            .filter(task -> task.file().partition().equals(first.file().partition()))
            .toList();
  }

  private static List<FileScanTask> tasks(Table table) throws IOException {
    List<FileScanTask> tasks = new ArrayList<>();
    try (CloseableIterable<FileScanTask> plan = table.newScan().planFiles()) {
      plan.forEach(tasks::add);
    }
    return tasks;
  }

  /** By id: all there is to a row. */
  private static Map<Long, List<Object>> rows(Table table) throws IOException {
    table.refresh();
    List<String> columns = new ArrayList<>(List.of("id", "name", "part"));
    if (TableFixture.formatVersion(table) >= 3) {
      columns.add("_row_id");
      columns.add("_last_updated_sequence_number");
    }
    Map<Long, List<Object>> rows = new HashMap<>();
    try (BufferAllocator allocator = new RootAllocator(64 << 20);
        CloseableIterable<Record> cursor =
            new TableScanner(table).read(ScanRequest.EVERYTHING.columns(columns), allocator)) {
      for (Record each : cursor) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < each.size(); i++) {
          values.add(String.valueOf(each.get(i)));
        }
        assertThat(rows.put((Long) each.get(0), values)).isNull();
      }
    }
    return rows;
  }

  /** By id: the source and the position of a row. */
  private static Map<Long, long[]> origins(Table table, List<FileScanTask> files)
      throws IOException {
    Schema columns = new Schema(SCHEMA.findField("id"), MetadataColumns.ROW_POSITION);
    FileTaskReader reader = new FileTaskReader(table, columns, Expressions.alwaysTrue());
    Map<Long, long[]> origins = new HashMap<>();
    try (BufferAllocator allocator = new RootAllocator(64 << 20)) {
      for (int f = 0; f < files.size(); f++) {
        try (CloseableIterable<Record> rows = reader.open(files.get(f), allocator)) {
          for (Record each : rows) {
            origins.put((Long) each.get(0), new long[] {f, (Long) each.get(1)});
          }
        }
      }
    }
    return origins;
  }

  private static void commit(Table table, Rewritten done) {
    RewriteFiles rewrite =
        table.newRewrite().validateFromSnapshot(table.currentSnapshot().snapshotId());
    done.group().sources().forEach(source -> rewrite.deleteFile(source.file()));
    done.outputs().forEach(rewrite::addFile);
    rewrite.commit();
  }

  private static void checkPlaces(
      Table table, Rewritten done, RowMap map, Map<Long, long[]> origins) throws IOException {
    table.refresh();
    List<String> outputs = done.outputs().stream().map(DataFile::location).toList();
    List<FileScanTask> written = new ArrayList<>(tasks(table));
    written.removeIf(task -> !outputs.contains(task.file().location()));
    written.sort(
        (a, b) -> outputs.indexOf(a.file().location()) - outputs.indexOf(b.file().location()));
    Map<Long, long[]> places = origins(table, written);
    assertThat(places.keySet()).isEqualTo(origins.keySet());
    Set<String> expected = new HashSet<>();
    places.forEach((id, at) -> expected.add(origins.get(id)[0] + " " + at[0] + " " + at[1]));
    Set<String> told = new HashSet<>();
    Set<String> asked = new HashSet<>();
    for (int s = 0; s < done.group().sources().size(); s++) {
      int source = s;
      map.forEach(s, (output, position) -> told.add(source + " " + output + " " + position));
      long rows = done.group().sources().get(s).file().recordCount();
      map.forEach(
          s,
          positions(LongStream.range(0, rows + 10)),
          (output, position) -> asked.add(source + " " + output + " " + position));
    }
    assertThat(told).isEqualTo(expected);
    assertThat(asked).isEqualTo(expected);
    Map<Integer, PositionDeleteIndex> few = new HashMap<>();
    Set<String> together = new HashSet<>();
    places.keySet().stream()
        .limit(20)
        .forEach(
            id -> {
              long[] from = origins.get(id);
              long[] to = places.get(id);
              few.put((int) from[0], positions(LongStream.of(from[1])));
              map.forEach(
                  (int) from[0],
                  positions(LongStream.of(from[1])),
                  (output, position) -> assertThat(new long[] {output, position}).isEqualTo(to));
            });
    map.forEach(few, (output, position) -> together.add(output + " " + position));
    assertThat(together).hasSize(few.size());
  }

  private static PositionDeleteIndex positions(LongStream positions) {
    return Deletes.toPositionIndex(CloseableIterable.withNoopClose(positions.boxed().toList()));
  }
}
