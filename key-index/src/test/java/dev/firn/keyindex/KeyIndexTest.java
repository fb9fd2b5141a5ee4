package dev.firn.keyindex;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.testing.ArrowLeakCheck;
import dev.firn.testing.TableFixture;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(ArrowLeakCheck.class)
class KeyIndexTest {
  private static final Schema SCHEMA = schema(Types.LongType.get());

  private final TableFixture fixture = TableFixture.open();
  private final Table table = fixture.create(SCHEMA, 3);
  @TempDir Path directory;

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Schema schema(Type type) {
    return new Schema(
        List.of(
            Types.NestedField.required(1, "id", type),
            Types.NestedField.optional(2, "value", Types.StringType.get())),
        Set.of(1));
  }

  private static Record record(long id) {
    return row(SCHEMA, id, "v");
  }

  private static List<String> find(KeyIndex index, BufferAllocator allocator, Object... ids) {
    List<String> found = new ArrayList<>();
    try (VectorSchemaRoot batch =
        VectorSchemaRoot.create(ArrowSchemas.toArrow(index.key()), allocator)) {
      ArrowBatchBuilder builder = new ArrowBatchBuilder(index.key(), batch);
      for (Object id : ids) {
        builder.add(row(index.key(), id));
      }
      index.find(
          builder.finish(),
          (key, task, position) -> found.add(key + "@" + task.file().location() + ":" + position));
    }
    return found;
  }

  static Stream<Arguments> types() {
    return Stream.of(
        Arguments.of(Types.BooleanType.get(), true, false),
        Arguments.of(Types.IntegerType.get(), -7, 7),
        Arguments.of(Types.LongType.get(), Long.MIN_VALUE, -1L),
        Arguments.of(Types.DateType.get(), LocalDate.EPOCH, LocalDate.of(1969, 12, 31)),
        Arguments.of(Types.TimeType.get(), LocalTime.NOON, LocalTime.MIDNIGHT),
        Arguments.of(
            Types.TimestampType.withZone(),
            OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 0, ZoneOffset.UTC),
            OffsetDateTime.of(1926, 1, 2, 3, 4, 5, 0, ZoneOffset.UTC)),
        Arguments.of(Types.StringType.get(), "", "é𝄞 and more than eight"),
        Arguments.of(Types.UUIDType.get(), new UUID(1, 2), new UUID(1, 3)),
        Arguments.of(Types.DecimalType.of(9, 2), new BigDecimal("1.10"), new BigDecimal("-1.10")),
        Arguments.of(
            Types.DecimalType.of(38, 2),
            new BigDecimal("123456789012345678901234567890123456.10"),
            new BigDecimal("-1.10")),
        Arguments.of(Types.FixedType.ofLength(3), new byte[] {1, 2, 3}, new byte[] {1, 2, 4}),
        Arguments.of(
            Types.BinaryType.get(), ByteBuffer.wrap(new byte[0]), ByteBuffer.wrap(new byte[9])));
  }

  @ParameterizedTest
  @MethodSource("types")
  void keysOfEveryTypeAreFound(Type type, Object first, Object second, BufferAllocator allocator) {
    Schema schema = schema(type);
    Table typed = fixture.create(schema, 3);
    for (FileFormat format : List.of(FileFormat.PARQUET, FileFormat.AVRO)) {
      append(typed, format, row(schema, first, "a"), row(schema, second, "b"));
    }
    try (KeyIndex index = KeyIndex.open(typed, allocator)) {
      index.syncTo(typed.currentSnapshot());
      assertThat(find(index, allocator, second)).hasSize(2).allMatch(hit -> hit.endsWith(":1"));
      assertThat(find(index, allocator, first)).hasSize(2).allMatch(hit -> hit.endsWith(":0"));
    }
  }

  @Test
  void keysWithinStructsAreFound(BufferAllocator allocator) {
    Schema nested =
        new Schema(
            List.of(
                Types.NestedField.optional(1, "value", Types.LongType.get()),
                Types.NestedField.required(
                    2,
                    "k",
                    Types.StructType.of(
                        Types.NestedField.required(3, "a", Types.IntegerType.get()),
                        Types.NestedField.required(4, "b", Types.StringType.get())))),
            Set.of(3, 4));
    Table typed = fixture.create(nested, 3);
    Types.StructType k = nested.findType("k").asStructType();
    Schema struct = new Schema(k.fields());
    DataFile file =
        append(typed, row(nested, 1L, row(struct, 1, "x")), row(nested, 2L, row(struct, 1, "y")))
            .get(0);
    try (KeyIndex index = KeyIndex.open(typed, allocator)) {
      index.syncTo(typed.currentSnapshot());
      assertThat(find(index, allocator, row(struct, 1, "y"), row(struct, 2, "y")))
          .containsExactly("0@" + file.location() + ":1");
    }
  }

  @Test
  void aSyncReadsOnlyWhatIsNew(BufferAllocator allocator) {
    DataFile first = append(table, record(1), record(2)).get(0);
    try (KeyIndex index = KeyIndex.open(table, allocator)) {
      index.syncTo(table.currentSnapshot());
      List<ManifestFile> known = table.currentSnapshot().allManifests(table.io());
      DataFile staged = TableFixture.write(table, FileFormat.PARQUET, List.of(record(1))).get(0);
      index.stage(List.of(staged));
      table.newFastAppend().appendFile(staged).commit();
      // What must not be read any more is not there any more.
      known.forEach(manifest -> table.io().deleteFile(manifest.path()));
      table.io().deleteFile(first.location());
      table.io().deleteFile(staged.location());

      index.syncTo(table.currentSnapshot());

      index.unstage();
      assertThat(find(index, allocator, 1L))
          .containsExactlyInAnyOrder(
              "0@" + first.location() + ":0", "0@" + staged.location() + ":0");
    }
  }

  @Test
  void aSyncThatFailsChangesNothing(BufferAllocator allocator) {
    DataFile first = append(table, record(1)).get(0);
    KeyIndexOptions options =
        KeyIndexOptions.defaults().withMemoryBytes(0).withDirectory(directory);
    try (KeyIndex index = KeyIndex.open(table, allocator, options)) {
      index.syncTo(table.currentSnapshot());
      DataFile second = append(table, record(1)).get(0);
      DataFile third = append(table, record(1)).get(0);
      table.io().deleteFile(third.location());
      assertThatThrownBy(() -> index.syncTo(table.currentSnapshot()))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining(third.location())
          .satisfies(e -> assertThat(((FirnException) e).kind()).isEqualTo(ErrorKind.CORRUPT));
      assertThat(find(index, allocator, 1L)).containsExactly("0@" + first.location() + ":0");

      table.newDelete().deleteFile(third).commit();
      index.syncTo(table.currentSnapshot());
      assertThat(find(index, allocator, 1L))
          .containsExactly("0@" + first.location() + ":0", "0@" + second.location() + ":0");
      index.syncTo(null);
      assertThat(find(index, allocator, 1L)).isEmpty();
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void severalThreadsReadTheFiles(BufferAllocator allocator) {
    for (int file = 0; file < 12; file++) {
      long base = file * 50L;
      append(table, IntStream.range(0, 60).mapToObj(i -> record(base + i)).toArray(Record[]::new));
    }
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (KeyIndex index =
        KeyIndex.open(table, allocator, KeyIndexOptions.defaults().withThreads(threads, 3))) {
      index.syncTo(table.currentSnapshot());
      assertThat(index.entries()).isEqualTo(720);
      Object[] ids = IntStream.range(0, 700).mapToObj(i -> (Object) (long) i).toArray();
      assertThat(find(index, allocator, ids)).hasSize(720).doesNotHaveDuplicates();
      table.io().deleteFile(append(table, record(1)).get(0).location());
      assertThatThrownBy(() -> index.syncTo(table.currentSnapshot()))
          .isInstanceOf(FirnException.class);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatIsBeyondTheBudgetIsInFilesThatGoWithIt(BufferAllocator allocator) {
    Record[] rows = IntStream.range(0, 20_000).mapToObj(i -> record(i)).toArray(Record[]::new);
    append(table, rows);
    append(table, rows);
    KeyIndexOptions options =
        KeyIndexOptions.defaults().withMemoryBytes(100_000).withDirectory(directory);
    try (KeyIndex index = KeyIndex.open(table, allocator, options)) {
      index.syncTo(table.currentSnapshot());
      assertThat(index.memoryBytes()).isLessThanOrEqualTo(100_000);
      assertThat(index.bytes()).isGreaterThan(300_000);
      assertThat(directory).isNotEmptyDirectory();
      assertThat(find(index, allocator, 0L, 19_999L, 20_000L)).hasSize(4);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void refusesTablesWithoutKeyAndKeysThatChange(BufferAllocator allocator) {
    Table plain =
        fixture.create(new Schema(Types.NestedField.required(1, "id", Types.LongType.get())), 2);
    assertThatThrownBy(() -> KeyIndex.open(plain, allocator))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("no identifier fields");

    append(table, record(1));
    try (KeyIndex index = KeyIndex.open(table, allocator)) {
      table
          .updateSchema()
          .allowIncompatibleChanges()
          .requireColumn("value")
          .setIdentifierFields("value")
          .commit();
      assertThatThrownBy(() -> index.syncTo(table.currentSnapshot()))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("the identifier fields changed");
    }
  }

  @Test
  void rowsThatStillHaveNullInTheKeyAreNoOnes(BufferAllocator allocator) {
    append(table, row(SCHEMA, 1L, null), row(SCHEMA, 2L, "x"));
    table
        .updateSchema()
        .allowIncompatibleChanges()
        .requireColumn("value")
        .setIdentifierFields("value")
        .commit();
    try (KeyIndex index = KeyIndex.open(table, allocator)) {
      index.syncTo(table.currentSnapshot());
      assertThat(find(index, allocator, "x", "")).hasSize(1);
      assertThatThrownBy(() -> find(index, allocator, (Object) null))
          .isInstanceOf(FirnException.class);
    }
  }

  @Test
  void keysDeletedByOtherEnginesAreReadOnceAndRowsNotAtAll(BufferAllocator allocator) {
    DataFile first = append(table, record(1), record(2)).get(0);
    Schema key = SCHEMA.select("id");
    DeleteFile deletes = TableFixture.deleteEqual(table, key, null, row(key, 1L), row(key, 9L));
    DataFile second = append(table, record(1)).get(0);
    try (KeyIndex index = KeyIndex.open(table, allocator)) {
      index.syncTo(table.currentSnapshot());
      table.io().deleteFile(first.location());
      table.io().deleteFile(second.location());
      String[] expected = {"0@" + second.location() + ":0", "1@" + first.location() + ":1"};
      assertThat(find(index, allocator, 1L, 2L, 9L)).containsExactlyInAnyOrder(expected);
      table.io().deleteFile(deletes.location());
      assertThat(find(index, allocator, 1L, 2L, 9L)).containsExactlyInAnyOrder(expected);
    }
  }

  @Test
  void deletesOfOneFileForManyAreFoundInEach(BufferAllocator allocator) {
    Table older = fixture.create(SCHEMA, 2);
    DataFile first = append(older, record(1), record(2)).get(0);
    DataFile second = append(older, record(1), record(2)).get(0);
    List<DeleteFile> both =
        List.of(
            TableFixture.positionDeletes(older, FileFormat.PARQUET, first, 0),
            TableFixture.positionDeletes(older, FileFormat.PARQUET, second, 1));
    RowDelta delta = older.newRowDelta();
    both.forEach(file -> delta.addDeletes(wholePartition(file)));
    delta.commit();
    try (KeyIndex index = KeyIndex.open(older, allocator)) {
      index.syncTo(older.currentSnapshot());
      assertThat(find(index, allocator, 1L, 2L))
          .containsExactlyInAnyOrder(
              "0@" + second.location() + ":0", "1@" + first.location() + ":1");
    }
  }

  /** The same file, whose metadata does not tell which data file it is for. */
  private static DeleteFile wholePartition(DeleteFile file) {
    return FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
        .ofPositionDeletes()
        .withPath(file.location())
        .withFormat(file.format())
        .withFileSizeInBytes(file.fileSizeInBytes())
        .withRecordCount(file.recordCount())
        .build();
  }
}
