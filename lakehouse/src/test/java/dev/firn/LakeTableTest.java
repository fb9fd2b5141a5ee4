package dev.firn;

import static dev.firn.LakehouseTest.assertFails;
import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.apache.iceberg.expressions.Expressions.notEqual;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.change.TableDelete;
import dev.firn.error.ErrorKind;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LakeTableTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "status", Types.StringType.get()));

  record Order(long id, @Nullable String status) {}

  @TempDir private Path directory;
  private Lakehouse lake;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private LakeTable table(int version) {
    return lake.createTable("shop.orders", SCHEMA, t -> t.formatVersion(version));
  }

  private static void append(LakeTable table, Order... rows) {
    try (TableWriter writer = table.append()) {
      writer.writeAll(List.of(rows));
      writer.commit();
    }
  }

  private static Order[] orders(long from, long to, String status) {
    return LongStream.range(from, to).mapToObj(id -> new Order(id, status)).toArray(Order[]::new);
  }

  private static List<Order> rows(LakeTable table) {
    return sorted(table.scan().toList(Order.class));
  }

  private static List<Order> sorted(List<Order> rows) {
    return rows.stream().sorted(java.util.Comparator.comparingLong(Order::id)).toList();
  }

  private List<Path> parquetFiles() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(f -> f.toString().endsWith(".parquet")).toList();
    }
  }

  @Test
  void widensAColumnThatRowsArePartitionedBy() {
    Schema schema = new Schema(Types.NestedField.required(1, "id", Types.IntegerType.get()));
    LakeTable table =
        lake.createTable(
            "shop.narrow", schema, t -> t.partitionBy(Terms.parse("truncate(10, id)")));
    try (TableWriter writer = table.append()) {
      writer.write(TableFixture.row(writer.schema(), 11));
      writer.commit();
    }
    table.evolve().widenColumn("id", Types.LongType.get()).commit();
    try (TableWriter writer = table.append()) {
      writer.write(TableFixture.row(writer.schema(), 5_000_000_012L));
      writer.commit();
    }

    assertThat(table.scan().where(greaterThan("id", 11L)).count()).isEqualTo(1);
    assertThat(table.delete(lessThan("id", 12L)).rows()).isEqualTo(1);
    assertThat(table.scan().count()).isEqualTo(1);
  }

  @Test
  void writesRecordsJavaRecordsAndArrowBatches() {
    LakeTable table = table(2);
    try (TableWriter writer = table.append();
        BigIntVector ids = new BigIntVector("id", lake.allocator());
        VarCharVector statuses = new VarCharVector("status", lake.allocator())) {
      GenericRecord row = GenericRecord.create(SCHEMA);
      row.setField("id", 1L);
      row.setField("status", "new");
      writer.write(row);
      writer.write(new Order(2, null));
      ids.setSafe(0, 3L);
      statuses.setSafe(0, "paid".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      VectorSchemaRoot batch = VectorSchemaRoot.of(ids, statuses);
      batch.setRowCount(1);
      writer.write(batch);
      assertThat(writer.rows()).isEqualTo(3);
      assertThat(rows(table)).isEmpty();
      writer.commit();
    }
    assertThat(rows(table))
        .containsExactly(new Order(1, "new"), new Order(2, null), new Order(3, "paid"));
    assertThat(table.snapshots()).hasSize(1);
  }

  @Test
  void leavesNothingBehindWithoutACommit() throws IOException {
    LakeTable table = table(2);
    try (TableWriter writer = table.append()) {
      writer.writeAll(List.of(orders(0, 1000, "x")));
    }
    assertThat(rows(table)).isEmpty();
    assertThat(parquetFiles()).isEmpty();
  }

  @Test
  void refusesRowsThatDoNotFitBeforeAnythingIsCommitted() throws IOException {
    LakeTable table = table(2);
    record Wrong(String id) {}
    try (TableWriter writer = table.append()) {
      assertFails(() -> writer.write(new Wrong("x")), "id").isEqualTo(ErrorKind.INVALID);
      assertFails(() -> writer.write(GenericRecord.create(SCHEMA)), "id")
          .isEqualTo(ErrorKind.INVALID);
    }
    assertThat(parquetFiles()).isEmpty();
  }

  @Test
  void createsATableTogetherWithItsFirstRows() {
    NewTable created = lake.newTable("shop.fresh", SCHEMA, t -> {});
    try (TableWriter writer = created.append()) {
      writer.write(new Order(1, "a"));
    }
    assertThat(lake.findTable("shop.fresh")).isEmpty();
    try (TableWriter writer = created.append()) {
      writer.write(new Order(1, "a"));
      assertThat(lake.findTable("shop.fresh")).isEmpty();
      writer.commit();
    }
    assertThat(rows(lake.table("shop.fresh"))).containsExactly(new Order(1, "a"));
    assertThat(lake.table("shop.fresh").snapshots()).hasSize(1);
  }

  @Test
  void evolvesTheSchemaInTheCommitOfTheRows() {
    LakeTable table = table(2);
    append(table, new Order(1, "a"));
    Schema wider =
        new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "note", Types.StringType.get()));
    record Noted(long id, @Nullable String note) {}
    try (TableWriter writer = table.append(AppendOptions.DEFAULT.evolveTo(wider))) {
      writer.write(new Noted(2, "hello"));
    }
    assertThat(table.schema().findField("note")).isNull();
    try (TableWriter writer =
        table.append(AppendOptions.DEFAULT.evolveTo(wider).summary(Map.of("why", "test")))) {
      writer.write(new Noted(2, "hello"));
      writer.commit();
    }
    assertThat(table.scan().select("id", "note").toList(Noted.class))
        .containsExactlyInAnyOrder(new Noted(1, null), new Noted(2, "hello"));
    assertThat(table.snapshots().get(1).summary()).containsEntry("why", "test");
  }

  @Test
  void columnsThatTwoWritersAddAtOnceAreNotTakenForEachOther() {
    LakeTable table = table(2);
    append(table, new Order(1, "a"));
    record Noted(long id, @Nullable String note) {}
    record Tagged(long id, @Nullable String tag) {}
    try (TableWriter notes = table.append(growing("note"));
        TableWriter sameNotes = lake.table("shop.orders").append(growing("note"));
        TableWriter tags = lake.table("shop.orders").append(growing("tag"))) {
      notes.write(new Noted(2, "n2"));
      sameNotes.write(new Noted(3, "n3"));
      tags.write(new Tagged(4, "t4"));
      notes.commit();
      sameNotes.commit();
      assertFails(tags::commit, "its columns changed", "expected tag with id 3", "write them again")
          .isEqualTo(ErrorKind.CONFLICT);
    }
    try (TableWriter tags = table.append(growing("tag"))) {
      tags.write(new Tagged(4, "t4"));
      tags.commit();
    }
    assertThat(table.scan().select("id", "note").toList(Noted.class))
        .containsExactlyInAnyOrder(
            new Noted(1, null), new Noted(2, "n2"), new Noted(3, "n3"), new Noted(4, null));
    assertThat(table.scan().select("id", "tag").toList(Tagged.class))
        .contains(new Tagged(4, "t4"), new Tagged(3, null));
  }

  private static AppendOptions growing(String column) {
    return AppendOptions.DEFAULT.evolveTo(
        new Schema(
            Types.NestedField.optional(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, column, Types.StringType.get())));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void deletesExactlyTheMatchingRows(int version) {
    LakeTable table = table(version);
    append(table, new Order(1, "a"), new Order(2, "b"), new Order(3, null));
    append(table, orders(10, 20, "b"));
    DeleteReceipt receipt = table.delete(equal("status", "b"));
    assertThat(rows(table)).containsExactly(new Order(1, "a"), new Order(3, null));
    assertThat(receipt.rows()).isEqualTo(11);
    assertThat(receipt.filesRemoved()).isEqualTo(1);
    assertThat(receipt.filesMarked()).isEqualTo(1);
    DeleteReceipt again = table.delete(equal("status", "b"));
    assertThat(again.commit()).isEmpty();
    assertThat(again.rows()).isZero();
    assertThat(table.delete(equal("id", 1)).rows()).isEqualTo(1);
    assertThat(rows(table)).containsExactly(new Order(3, null));
  }

  @Test
  void deletesByMetadataColumnsAndByPartition() {
    LakeTable table = lake.createTable("shop.parts", SCHEMA, t -> t.partitionBy("status"));
    append(table, new Order(1, "a"), new Order(2, "b"), new Order(3, "b"), new Order(4, null));
    DeleteReceipt first = table.delete(and(equal("status", "b"), equal("_pos", 0L)));
    assertThat(first.rows()).isEqualTo(1);
    assertThat(first.filesMarked()).isEqualTo(1);
    table.evolve().renameColumn("status", "state").commit();
    DeleteReceipt second = table.delete(equal("state", "a"));
    assertThat(second.filesRemoved()).isEqualTo(1);
    assertThat(table.scan().select("id").toList())
        .extracting(row -> row.get(0))
        .containsExactlyInAnyOrder(3L, 4L);
  }

  @Test
  void deletesByPositionBesideAnotherWriter() {
    LakeTable table = lake.createTable("shop.p", SCHEMA, t -> t.formatVersion(3));
    append(table, orders(0, 10, "a"));
    TableDelete deleter = table.deleting(equal("_pos", 0L));
    append(lake.table("shop.p"), orders(10, 20, "b"));
    assertThat(deleter.run().rows()).isEqualTo(2);
    assertThat(rows(table)).hasSize(18);
  }

  @Test
  void translatesWhatMaintenanceThrows() throws IOException {
    LakeTable table = table(2);
    append(table, new Order(1, "a"));
    append(table, new Order(2, "a"));
    for (Path file : parquetFiles()) {
      Files.delete(file);
    }
    assertFails(() -> table.compact().run(), "Cannot ").isEqualTo(ErrorKind.CORRUPT);
  }

  @Test
  void filtersFloatsOfAColumnThatOldFilesLack() {
    LakeTable table = table(2);
    append(table, new Order(1, "a"));
    table.evolve().addColumn("x", Types.DoubleType.get()).commit();
    assertThat(table.scan().where(Expressions.notNaN("x")).count()).isZero();
    assertThat(table.scan().where(Expressions.isNaN("x")).count()).isZero();
    assertThat(table.scan().where(greaterThan("x", 1.0)).count()).isZero();
    assertThat(table.scan().where(Expressions.isNull("x")).count()).isEqualTo(1);
    append(table, new Order(2, "b"));
    assertThat(table.delete(Expressions.notNaN("x")).rows()).isZero();
  }

  @Test
  void doesNotTakeNullForDifferent() {
    LakeTable table = table(2);
    append(table, new Order(1, null), new Order(2, null));
    assertThat(table.delete(notEqual("status", "x")).rows()).isZero();
    assertThat(rows(table)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void overwritesExactlyTheMatchingRowsInOneSnapshot(int version) {
    LakeTable table = table(version);
    append(table, orders(0, 10, "old"));
    try (TableWriter writer = table.overwrite(and(greaterThan("id", 2), lessThan("id", 6)))) {
      writer.write(new Order(100, "new"));
      writer.commit();
    }
    assertThat(rows(table).stream().map(Order::id))
        .containsExactly(0L, 1L, 2L, 6L, 7L, 8L, 9L, 100L);
    assertThat(table.snapshots()).hasSize(2);
  }

  @Test
  void travelsInTime() {
    LakeTable table = table(2);
    append(table, new Order(1, "a"));
    SnapshotInfo first = table.snapshots().get(0);
    table.tag("v1");
    append(table, new Order(2, "b"));
    table.evolve().dropColumn("status").commit();
    assertThat(table.scan().asOfSnapshot(first.id()).toList(Order.class))
        .containsExactly(new Order(1, "a"));
    assertThat(table.scan().asOf(first.committedAt()).toList(Order.class))
        .containsExactly(new Order(1, "a"));
    assertThat(table.scan().ref("v1").toList(Order.class)).containsExactly(new Order(1, "a"));
    assertThat(table.scan().schema().columns()).hasSize(1);
    assertFails(() -> table.scan().asOfSnapshot(42).toList(), "42").isEqualTo(ErrorKind.NOT_FOUND);
    assertFails(() -> table.scan().asOf(Instant.EPOCH).toList(), "oldest")
        .isEqualTo(ErrorKind.NOT_FOUND);
    assertFails(() -> table.scan().ref("v2").toList(), "v2", "did you mean")
        .isEqualTo(ErrorKind.NOT_FOUND);
    assertFails(() -> table.scan().select("statuss").toList(), "statuss")
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void branchesTagsPicksAndRollsBack() {
    LakeTable table = table(2);
    append(table, new Order(1, "a"));
    long first = table.snapshots().get(0).id();
    table.branch("audit");
    try (TableWriter writer = table.append(AppendOptions.DEFAULT.branch("audit"))) {
      writer.write(new Order(2, "b"));
      writer.commit();
    }
    assertThat(rows(table)).containsExactly(new Order(1, "a"));
    assertThat(sorted(table.scan().ref("audit").toList(Order.class))).hasSize(2);
    assertThat(table.refs()).extracting(RefInfo::name).containsExactly("audit", "main");
    table.fastForward("main", "audit");
    assertThat(rows(table)).hasSize(2);
    table.rollback(first);
    assertThat(rows(table)).containsExactly(new Order(1, "a"));
    assertThat(table.history()).extracting(HistoryEntry::ancestor).contains(false);
    append(table, new Order(3, "c"));
    long picked = table.refs().get(0).snapshotId();
    table.cherryPick(picked);
    assertThat(rows(table)).hasSize(3);
    table.dropBranch("audit");
    table.tag("t", first);
    table.dropTag("t");
    assertThat(table.refs()).hasSize(1);
    assertFails(() -> table.dropBranch("audit"), "audit").isEqualTo(ErrorKind.NOT_FOUND);
    assertFails(() -> table.rollback(77), "77", "firn snapshots").isEqualTo(ErrorKind.NOT_FOUND);
    assertFails(() -> table.append(AppendOptions.DEFAULT.branch("nope")), "nope")
        .isEqualTo(ErrorKind.NOT_FOUND);
  }

  @Test
  void evolvesColumnsSpecAndOrderTogether() {
    Schema nested =
        new Schema(
            Types.NestedField.required(1, "id", Types.IntegerType.get()),
            Types.NestedField.required(2, "at", Types.TimestampType.withZone()),
            Types.NestedField.optional(
                3,
                "who",
                Types.StructType.of(
                    Types.NestedField.required(4, "name", Types.StringType.get()))));
    LakeTable table =
        lake.createTable("shop.events", nested, t -> t.partitionBy(Terms.parse("month(at)")));
    table
        .evolve()
        .addColumn("who.age", Types.IntegerType.get())
        .renameColumn("who.name", "called")
        .makeOptional("who.called")
        .widenColumn("id", Types.LongType.get())
        .moveFirst("who")
        .addPartition(Terms.parse("bucket(4, id)"))
        .dropPartition(Terms.parse("month(at)"))
        .sortBy(SortTerm.desc("at"))
        .commit();
    assertThat(table.schema().columns())
        .extracting(Types.NestedField::name)
        .containsExactly("who", "id", "at");
    assertThat(table.schema().findType("id")).isEqualTo(Types.LongType.get());
    assertThat(table.schema().findField("who.called").isOptional()).isTrue();
    assertThat(table.iceberg().spec().toString()).contains("bucket[4]");
    assertThat(table.iceberg().sortOrder().isSorted()).isTrue();
    assertFails(() -> table.evolve().dropColumn("who.nam").commit(), "who.nam")
        .isEqualTo(ErrorKind.INVALID);
    assertFails(() -> table.evolve().widenColumn("id", Types.IntegerType.get()).commit(), "id")
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void compactsAndExpires() throws IOException {
    LakeTable table = table(2);
    for (int i = 0; i < 10; i++) {
      append(table, orders(i * 10L, i * 10L + 10, "s" + i));
    }
    table.delete(lessThan("id", 5));
    List<Order> before = rows(table);
    assertThat(table.compact().plan().groups()).isNotEmpty();
    var result = table.compact().run();
    assertThat(result.filesAfter()).isLessThan(result.filesBefore());
    assertThat(rows(table)).isEqualTo(before).hasSize(95);
    table.expireSnapshots().olderThan(Instant.now().plusSeconds(60)).retainLast(1).run();
    assertThat(table.snapshots()).hasSize(1);
    assertThat(rows(table)).isEqualTo(before);
    assertThat(parquetFiles()).hasSize(1);
  }

  @Test
  void scansToArrowWithoutALeak() throws IOException {
    LakeTable table = table(2);
    append(table, orders(0, 100, "x"));
    try (BufferAllocator child = lake.allocator().newChildAllocator("test", 0, Long.MAX_VALUE)) {
      long rows = 0;
      try (ArrowReader reader = table.scan().where(lessThan("id", 70)).openArrow(child, 32)) {
        while (reader.loadNextBatch()) {
          rows += reader.getVectorSchemaRoot().getRowCount();
        }
      }
      assertThat(rows).isEqualTo(70);
    }
  }

  @Test
  void limitsAndStopsReading() {
    LakeTable table = table(2);
    append(table, orders(0, 100, "x"));
    assertThat(table.scan().limit(7).toList()).hasSize(7);
    assertThat(table.scan().limit(0).toList()).isEmpty();
    try (ScanCursor cursor = table.scan().open()) {
      Record first = cursor.iterator().next();
      assertThat(first.getField("status")).isEqualTo("x");
    }
  }

  @Test
  void keepsEveryRowOfConcurrentWritersAndDeleters() throws Exception {
    LakeTable table = table(3);
    append(table, orders(0, 100, "seed"));
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int w = 1; w <= 2; w++) {
        long base = w * 1000L;
        work.add(
            () -> {
              for (int i = 0; i < 5; i++) {
                append(lake.table("shop.orders"), orders(base + i * 10L, base + i * 10L + 10, "w"));
              }
              return null;
            });
      }
      work.add(
          () -> {
            for (long id = 0; id < 5; id++) {
              lake.table("shop.orders").delete(equal("id", id));
            }
            return null;
          });
      for (Future<Void> done : pool.invokeAll(work)) {
        done.get();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(rows(table)).hasSize(100 - 5 + 100).doesNotHaveDuplicates();
  }
}
