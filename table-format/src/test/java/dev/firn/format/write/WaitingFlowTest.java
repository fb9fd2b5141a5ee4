package dev.firn.format.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.RandomRows;
import dev.firn.format.arrow.Shown;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Spilling, merging and rolling under budgets far smaller than the data. */
@ExtendWith(ArrowLeakCheck.class)
class WaitingFlowTest {
  private static final long SEED = Long.getLong("firn.test.seed", 51);
  private static final long MB = 1 << 20;
  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(2, "part", Types.IntegerType.get()),
          optional(3, "text", Types.StringType.get()));

  @TempDir private Path spills;

  @AfterEach
  void noTemporaryFileIsLeft() throws IOException {
    try (var files = Files.list(spills)) {
      assertThat(files).isEmpty();
    }
  }

  private WriteOptions options(BufferAllocator allocator, long bytes) {
    return WriteOptions.OF_TABLE
        .withAllocator(allocator)
        .withMemoryBytes(bytes)
        .withSpillDirectory(spills);
  }

  private static PartitionSpec byPart() {
    return PartitionSpec.builderFor(SCHEMA).identity("part").build();
  }

  private static Record row(long id, Integer part, String text) {
    return Tables.row(SCHEMA, id, part, text);
  }

  private static void write(
      DataWriter writer, List<Record> rows, int batch, BufferAllocator allocator) {
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(writer.schema(), allocator)) {
      for (int i = 0; i < rows.size(); i++) {
        builder.add(rows.get(i));
        if (builder.rows() == batch || i == rows.size() - 1) {
          writer.write(builder.finish());
          builder.clear();
        }
      }
    }
  }

  /** The rows that each partition should have, in order of arrival. */
  private static Map<Object, List<Record>> byPartition(List<Record> rows, int column) {
    Map<Object, List<Record>> partitions = new HashMap<>();
    rows.forEach(r -> partitions.computeIfAbsent(r.get(column), p -> new ArrayList<>()).add(r));
    return partitions;
  }

  private static void assertOneFileEach(
      Table table, List<DataFile> files, Map<Object, List<Record>> expected) {
    assertThat(files).hasSize(expected.size());
    for (DataFile file : files) {
      List<Record> rows = expected.get(file.partition().get(0, Object.class));
      assertThat(ReadFile.rows(table, file)).as("seed %s", SEED).isEqualTo(rows);
      assertThat(file.recordCount()).isEqualTo(rows.size());
    }
  }

  @Test
  void interleavedPartitionsGetOneFileEachInOrderOfArrival(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart());
    Random random = new Random(SEED);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 120_000; i++) {
      int part = random.nextInt(2000);
      rows.add(row(i, part == 0 ? null : part, "text " + random.nextInt()));
    }
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table, options(allocator, MB))) {
      write(writer, rows, 3000, allocator);
      files = writer.complete();
      assertThat(writer.runsWritten()).as("runs, some of them merged ones").isGreaterThan(12);
      assertThat(writer.mostOpenFiles()).isEqualTo(1);
    }
    assertOneFileEach(table, files, byPartition(rows, 1));
  }

  @Test
  void fewPartitionsStayOpenAndNothingIsSpilled(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart());
    Random random = new Random(SEED);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 150_000; i++) {
      rows.add(row(i, random.nextInt(5), "text " + random.nextInt()));
    }
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table, options(allocator, 4 * MB))) {
      write(writer, rows, 1000, allocator);
      files = writer.complete();
      assertThat(writer.runsWritten()).isZero();
      assertThat(writer.mostOpenFiles()).isEqualTo(5);
    }
    assertOneFileEach(table, files, byPartition(rows, 1));
  }

  @Test
  void manySmallPartitionsBesideFewLargeOnesAreSpilledAlone(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart());
    Random random = new Random(SEED);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 150_000; i++) {
      int part = random.nextInt(4) == 0 ? 10 + random.nextInt(500) : random.nextInt(3);
      rows.add(row(i, part, "text " + random.nextInt()));
    }
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table, options(allocator, 4 * MB))) {
      write(writer, rows, 1000, allocator);
      files = writer.complete();
      assertThat(writer.runsWritten()).isPositive();
      assertThat(writer.mostOpenFiles()).isBetween(3, 32);
    }
    assertOneFileEach(table, files, byPartition(rows, 1));
  }

  @Test
  void clusteredInputStreamsWithoutSpilling(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart());
    List<Record> rows = new ArrayList<>();
    Random random = new Random(SEED);
    for (int part = 0; part < 300; part++) {
      int count = part % 50 == 0 ? 20_000 : random.nextInt(100) + 1;
      for (int i = 0; i < count; i++) {
        rows.add(row(rows.size(), part, "text " + random.nextInt()));
      }
    }
    for (int batch : new int[] {700, 40_000}) {
      List<DataFile> files;
      try (DataWriter writer = DataWriter.open(table, options(allocator, MB))) {
        write(writer, rows, batch, allocator);
        files = writer.complete();
        assertThat(writer.runsWritten()).isZero();
        assertThat(writer.mostOpenFiles()).isLessThanOrEqualTo(2);
      }
      assertOneFileEach(table, files, byPartition(rows, 1));
    }
  }

  private static SortOrder order() {
    return SortOrder.builderFor(SCHEMA)
        .desc(Expressions.truncate("text", 3), NullOrder.NULLS_LAST)
        .asc(Expressions.bucket("id", 5), NullOrder.NULLS_FIRST)
        .build();
  }

  private static Comparator<Record> comparator() {
    return Comparator.<Record, String>comparing(
            r -> r.get(2) == null ? null : ((String) r.get(2)).substring(0, 3),
            Comparator.nullsLast(Comparator.reverseOrder()))
        .thenComparing(
            r ->
                (org.apache.iceberg.util.BucketUtil.hash((long) (Long) r.get(0))
                        & Integer.MAX_VALUE)
                    % 5);
  }

  private static List<Record> unorderedRows(int count, int partitions) {
    Random random = new Random(SEED);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String text = random.nextInt(20) == 0 ? null : "%03d".formatted(random.nextInt(50)) + i;
      rows.add(row(random.nextInt(1000), random.nextInt(partitions), text));
    }
    return rows;
  }

  @Test
  void partitionsAreSortedAsAWholeAndEqualRowsKeepTheirOrder(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart(), order());
    List<Record> rows = unorderedRows(60_000, 20);
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table, options(allocator, MB))) {
      write(writer, rows, 2500, allocator);
      files = writer.complete();
      assertThat(writer.runsWritten()).isGreaterThan(12);
      assertThat(writer.mostOpenFiles()).isEqualTo(1);
    }
    Map<Object, List<Record>> expected = byPartition(rows, 1);
    expected.values().forEach(partition -> partition.sort(comparator()));
    assertOneFileEach(table, files, expected);
    assertThat(files).allMatch(f -> f.sortOrderId() == table.sortOrder().orderId());
  }

  @Test
  void filesOfASortedTableRollAndFollowEachOther(BufferAllocator allocator) {
    Table table =
        Tables.create(
            SCHEMA,
            PartitionSpec.unpartitioned(),
            order(),
            "write.target-file-size-bytes",
            "30000");
    List<Record> rows = unorderedRows(60_000, 20);
    for (long budget : new long[] {MB, 64 * MB}) {
      List<DataFile> files;
      try (DataWriter writer = DataWriter.open(table, options(allocator, budget))) {
        write(writer, rows, 2500, allocator);
        files = writer.complete();
        assertThat(writer.runsWritten() > 0).isEqualTo(budget == MB);
      }
      assertThat(files.size()).isGreaterThan(4);
      List<Record> read = new ArrayList<>();
      files.forEach(file -> read.addAll(ReadFile.rows(table, file)));
      List<Record> expected = new ArrayList<>(rows);
      expected.sort(comparator());
      assertThat(read).isEqualTo(expected);
    }
  }

  @Test
  void tinyBatchesAndRecordsMakeTheSameFiles(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart(), order());
    List<Record> rows = unorderedRows(20_000, 20);
    Map<Object, List<Record>> expected = byPartition(rows, 1);
    expected.values().forEach(partition -> partition.sort(comparator()));
    for (int batch : new int[] {1, 7}) {
      try (DataWriter writer = DataWriter.open(table, options(allocator, 2 * MB))) {
        write(writer, rows.subList(0, 15_000), batch, allocator);
        rows.subList(15_000, rows.size()).forEach(writer::write);
        assertThat(writer.rows()).isEqualTo(rows.size());
        assertOneFileEach(table, writer.complete(), expected);
      }
    }
  }

  @Test
  void everyTypeSurvivesASpill(BufferAllocator allocator) {
    RandomRows random = new RandomRows(new Random(SEED));
    for (int round = 0; round < 5; round++) {
      Schema all = random.schema();
      List<Types.NestedField> columns = new ArrayList<>(all.columns());
      columns.add(optional(1000, "part", Types.IntegerType.get()));
      Schema schema = new Schema(columns);
      PartitionSpec spec = PartitionSpec.builderFor(schema).bucket("part", 40).build();
      Table table =
          Tables.create(schema, spec, "write.format.default", "avro", "format-version", "3");
      List<Record> rows = random.rows(table.schema(), 4000);
      List<DataFile> files;
      try (DataWriter writer = DataWriter.open(table, options(allocator, MB))) {
        rows.forEach(writer::write);
        files = writer.complete();
      }
      List<Object> read = new ArrayList<>();
      files.forEach(file -> read.addAll(Shown.all(ReadFile.rows(table, file))));
      assertThat(files).hasSizeBetween(40, 41);
      assertThat(read)
          .as("seed %s, schema %s", SEED, schema)
          .containsExactlyInAnyOrderElementsOf(Shown.all(rows));
    }
  }

  @Test
  void everyFailingStoreCallLeavesNoFileAndNoMemory(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart());
    Random random = new Random(SEED);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      int part = random.nextInt(3) == 0 ? 10 + random.nextInt(50) : random.nextInt(2);
      rows.add(row(i, part, "text " + random.nextInt()));
    }
    int failures = 0;
    boolean failed = true;
    for (int nth = 1; failed; nth += 1 + nth / 4) {
      FailingIo io = new FailingIo(table.io()).failAt(nth);
      failed = false;
      try (DataWriter writer = DataWriter.open(io.table(table), options(allocator, MB))) {
        write(writer, rows, 1000, allocator);
        writer.complete();
        assertThat(writer.runsWritten()).isPositive();
      } catch (FirnException e) {
        failed = true;
        failures++;
        assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(e).hasMessageContaining("injected");
        assertThat(io.existing()).as("after failing call %s", nth).isEmpty();
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
    assertThat(failures).isGreaterThan(12);
  }

  @Test
  void anUnwritableSpillDirectoryIsReported(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart());
    WriteOptions options =
        options(allocator, MB).withSpillDirectory(spills.resolve("not").resolve("there"));
    List<Record> rows = unorderedRows(60_000, 2000);
    try (DataWriter writer = DataWriter.open(table, options)) {
      assertThatThrownBy(() -> write(writer, rows, 1000, allocator))
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
          .hasMessageContainingAll("temporary", "not");
    }
  }

  @Test
  void aRowLargerThanTheBudgetIsReported(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart());
    try (DataWriter writer = DataWriter.open(table, options(allocator, MB))) {
      Record huge = row(1, 1, "x".repeat(3 << 20));
      DataWriterTest.assertInvalid(() -> writer.write(huge), "memory", "1048576 bytes");
    }
    DataWriterTest.assertInvalid(
        () -> DataWriter.open(table, options(allocator, 1000)), "at least 1048576");
  }

  @Test
  void closingWithoutCompleteReleasesEverything(BufferAllocator allocator) {
    Table table = Tables.create(SCHEMA, byPart(), order());
    DataWriter writer = DataWriter.open(table, options(allocator, MB));
    write(writer, unorderedRows(30_000, 100), 1000, allocator);
    assertThat(writer.runsWritten()).isPositive();
    assertThat(allocator.getAllocatedMemory()).isPositive();
    writer.close();
    writer.close();
    assertThat(allocator.getAllocatedMemory()).isZero();
  }
}
