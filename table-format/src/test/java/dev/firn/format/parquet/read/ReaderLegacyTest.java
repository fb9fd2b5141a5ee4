package dev.firn.format.parquet.read;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.MappedField;
import org.apache.iceberg.mapping.MappedFields;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files of other writers: old forms of lists, maps and types, without field ids. */
@ExtendWith(ArrowLeakCheck.class)
class ReaderLegacyTest {
  @TempDir Path folder;

  /** A file of one row for each of {@code rows}. */
  @SafeVarargs
  private InputFile write(String schema, Consumer<Group>... rows) {
    MessageType type = MessageTypeParser.parseMessageType("message m {" + schema + "}");
    Path path = folder.resolve("f" + System.nanoTime() + ".parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(path))
            .withConf(new PlainParquetConfiguration())
            .withType(type)
            .build()) {
      for (Consumer<Group> row : rows) {
        Group group = new SimpleGroup(type);
        row.accept(group);
        writer.write(group);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return Files.localInput(path.toFile());
  }

  private static Schema lists() {
    return new Schema(optional(1, "l", Types.ListType.ofOptional(2, Types.IntegerType.get())));
  }

  @Test
  void readsListsOfThreeLevels(BufferAllocator allocator) {
    InputFile file =
        write(
            "optional group l (LIST) { repeated group list { optional int32 element; } }",
            row -> {
              Group l = row.addGroup("l");
              l.addGroup("list").append("element", 1);
              l.addGroup("list");
            },
            row -> row.addGroup("l"),
            row -> {});

    assertThat(ParquetFiles.read(file, lists(), allocator))
        .isEqualTo(
            List.of(
                List.of(Arrays.asList(1, "null")),
                List.of(List.of()),
                java.util.Collections.singletonList(null)));
  }

  @Test
  void readsListsOfTwoLevels(BufferAllocator allocator) {
    InputFile file =
        write(
            "optional group l (LIST) { repeated int32 array; }",
            row -> row.addGroup("l").append("array", 1).append("array", 2),
            row -> row.addGroup("l"),
            row -> {});

    assertThat(ParquetFiles.read(file, lists(), allocator))
        .isEqualTo(
            List.of(
                List.of(List.of(1, 2)),
                List.of(List.of()),
                java.util.Collections.singletonList(null)));
  }

  @Test
  void readsRepeatedFieldsWithoutAListAroundThem(BufferAllocator allocator) {
    InputFile file =
        write(
            "required int32 a; repeated int32 l;",
            row -> row.append("a", 0).append("l", 1).append("l", 2),
            row -> row.append("a", 0));

    assertThat(ParquetFiles.read(file, lists(), allocator))
        .isEqualTo(List.of(List.of(List.of(1, 2)), List.of(List.of())));
  }

  @Test
  void readsTwoLevelListsOfStructs(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            optional(
                1,
                "l",
                Types.ListType.ofOptional(
                    2,
                    Types.StructType.of(
                        optional(3, "x", Types.IntegerType.get()),
                        optional(4, "y", Types.StringType.get())))));
    for (String repeated : List.of("l_tuple", "array", "pair")) {
      InputFile file =
          write(
              "optional group l (LIST) { repeated group "
                  + repeated
                  + " { optional int32 x; optional binary y (UTF8); } }",
              row -> row.addGroup("l").addGroup(repeated).append("x", 1).append("y", "a"),
              row -> row.addGroup("l").addGroup(repeated).append("y", "b"));

      assertThat(ParquetFiles.read(file, schema, allocator))
          .as(repeated)
          .isEqualTo(
              List.of(
                  List.of(List.of(List.of(1, "a"))), List.of(List.of(Arrays.asList(null, "b")))));
    }
  }

  @Test
  void readsMapsOfEitherAnnotation(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            optional(
                1,
                "m",
                Types.MapType.ofOptional(2, 3, Types.StringType.get(), Types.LongType.get())));
    for (String annotation : List.of("MAP", "MAP_KEY_VALUE")) {
      InputFile file =
          write(
              "optional group m ("
                  + annotation
                  + ") { repeated group map { required binary key (UTF8); optional int32 value; } }",
              row -> {
                Group m = row.addGroup("m");
                m.addGroup("map").append("key", "a").append("value", 1);
                m.addGroup("map").append("key", "b");
              },
              row -> {});
      Map<Object, Object> entries = new java.util.LinkedHashMap<>();
      entries.put("a", 1L);
      entries.put("b", null);

      assertThat(ParquetFiles.read(file, schema, allocator))
          .as(annotation)
          .isEqualTo(List.of(List.of(entries), java.util.Collections.singletonList(null)));
    }
  }

  @Test
  void readsEveryFormOfTimestamps(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            optional(1, "i96", Types.TimestampType.withoutZone()),
            optional(2, "n96", Types.TimestampNanoType.withoutZone()),
            optional(3, "millis", Types.TimestampType.withoutZone()),
            optional(4, "nanos", Types.TimestampType.withoutZone()),
            optional(5, "micros", Types.TimestampNanoType.withoutZone()),
            optional(6, "time", Types.TimeType.get()));
    ByteBuffer int96 =
        ByteBuffer.allocate(12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(3_000_001_000L)
            .putInt(2_440_588 - 1)
            .flip();
    Binary stored = Binary.fromConstantByteBuffer(int96);
    InputFile file =
        write(
            "optional int96 i96; optional int96 n96;"
                + "optional int64 millis (TIMESTAMP(MILLIS,false));"
                + "optional int64 nanos (TIMESTAMP(NANOS,false));"
                + "optional int64 micros (TIMESTAMP(MICROS,true));"
                + "optional int32 time (TIME(MILLIS,true));",
            row ->
                row.append("i96", stored)
                    .append("n96", stored)
                    .append("millis", -1L)
                    .append("nanos", -1L)
                    .append("micros", -1L)
                    .append("time", 1234),
            row -> {});
    LocalDateTime fromInt96 = LocalDateTime.of(1969, 12, 31, 0, 0, 3, 1000);

    assertThat(ParquetFiles.read(file, schema, allocator))
        .isEqualTo(
            List.of(
                List.of(
                    fromInt96,
                    fromInt96,
                    LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_000_000),
                    LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_000),
                    LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_000),
                    LocalTime.ofNanoOfDay(1_234_000_000L)),
                Arrays.asList(null, null, null, null, null, null)));
  }

  @Test
  void readsEveryFormOfDecimals(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            optional(1, "i", Types.DecimalType.of(9, 2)),
            optional(2, "l", Types.DecimalType.of(18, 2)),
            optional(3, "f", Types.DecimalType.of(20, 2)),
            optional(4, "b", Types.DecimalType.of(38, 2)));
    InputFile file =
        write(
            "optional int32 i (DECIMAL(9,2)); optional int64 l (DECIMAL(18,2));"
                + "optional fixed_len_byte_array(9) f (DECIMAL(20,2));"
                + "optional binary b (DECIMAL(38,2));",
            row ->
                row.append("i", -150)
                    .append("l", 150L)
                    .append(
                        "f",
                        Binary.fromConstantByteArray(
                            new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -100}))
                    .append("b", Binary.fromConstantByteArray(new byte[] {1, 0})));

    assertThat(ParquetFiles.read(file, schema, allocator))
        .isEqualTo(
            List.of(
                List.of(
                    new BigDecimal("-1.50"),
                    new BigDecimal("1.50"),
                    new BigDecimal("-1.00"),
                    new BigDecimal("2.56"))));
  }

  @Test
  void readsUnsignedIntegersThatFit(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            optional(1, "u8", Types.IntegerType.get()), optional(2, "u32", Types.LongType.get()));
    InputFile file =
        write(
            "optional int32 u8 (UINT_8); optional int32 u32 (UINT_32);",
            row -> row.append("u8", 255).append("u32", -1));

    assertThat(ParquetFiles.read(file, schema, allocator))
        .isEqualTo(List.of(List.of(255, 4_294_967_295L)));
    Schema narrow = new Schema(optional(2, "u32", Types.IntegerType.get()));
    assertThatThrownBy(() -> ParquetFiles.read(file, narrow, allocator))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("expected int, got");
  }

  @Test
  void findsColumnsThroughANameMapping(BufferAllocator allocator) {
    InputFile file =
        write(
            "required int32 old_a; optional group s { optional int32 x; optional int32 old_y; }",
            row -> {
              row.append("old_a", 1);
              row.addGroup("s").append("x", 2).append("old_y", 3);
            });
    Schema schema =
        new Schema(
            required(1, "a", Types.IntegerType.get()),
            optional(
                2,
                "s",
                Types.StructType.of(
                    optional(3, "y", Types.IntegerType.get()),
                    optional(4, "x", Types.IntegerType.get()))));
    NameMapping mapping =
        NameMapping.of(
            MappedField.of(1, List.of("a", "old_a")),
            MappedField.of(
                2, "s", MappedFields.of(MappedField.of(3, "old_y"), MappedField.of(4, "x"))));

    assertThat(ParquetFiles.read(file, schema, b -> b.nameMapping(mapping), allocator))
        .isEqualTo(List.of(List.of(1, List.of(3, 2))));
    assertThatThrownBy(() -> ParquetFiles.read(file, schema, allocator))
        .as("without a mapping, by the names of the schema")
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("column a");
  }

  /** A file with column x of one file and column y of another. */
  private InputFile spliced(InputFile x, InputFile y) throws IOException {
    Path path = folder.resolve("spliced.parquet");
    try (ParquetFileReader first = open(x);
        ParquetFileReader second = open(y)) {
      MessageType type = first.getFileMetaData().getSchema();
      ParquetFileWriter writer =
          new ParquetFileWriter(
              new LocalOutputFile(path),
              type,
              ParquetFileWriter.Mode.CREATE,
              1 << 20,
              0,
              null,
              ParquetProperties.builder().build());
      writer.start();
      writer.startBlock(first.getRecordCount());
      append(writer, x, first, 0);
      append(writer, y, second, 1);
      writer.endBlock();
      writer.end(java.util.Map.of());
    }
    return Files.localInput(path.toFile());
  }

  private static ParquetFileReader open(InputFile file) throws IOException {
    return ParquetFileReader.open(new LocalInputFile(Path.of(file.location())));
  }

  private static void append(
      ParquetFileWriter writer, InputFile file, ParquetFileReader reader, int column)
      throws IOException {
    var chunk = reader.getRowGroups().get(0).getColumns().get(column);
    try (var stream = new LocalInputFile(Path.of(file.location())).newStream()) {
      writer.appendColumnChunk(
          reader.getFileMetaData().getSchema().getColumns().get(column),
          stream,
          chunk,
          null,
          null,
          null);
    }
  }

  @Test
  void refusesColumnsThatDisagreeAboutTheListTheyAreIn(BufferAllocator allocator)
      throws IOException {
    String schema =
        "optional group l (LIST) { repeated group list { optional group element {"
            + " optional int32 x; optional int32 y; } } }";
    Consumer<Group> two =
        row -> {
          Group l = row.addGroup("l");
          l.addGroup("list").addGroup("element").append("x", 1).append("y", 1);
          l.addGroup("list").addGroup("element").append("x", 1).append("y", 1);
        };
    Consumer<Group> one =
        row -> row.addGroup("l").addGroup("list").addGroup("element").append("x", 1).append("y", 1);
    Consumer<Group> empty = row -> row.addGroup("l");
    Consumer<Group> nothing = row -> row.addGroup("l").addGroup("list");
    InputFile longFirst = write(schema, two, one);
    Schema wanted =
        new Schema(
            optional(
                1,
                "l",
                Types.ListType.ofOptional(
                    2,
                    Types.StructType.of(
                        optional(3, "x", Types.IntegerType.get()),
                        optional(4, "y", Types.IntegerType.get())))));

    assertThat(ParquetFiles.read(spliced(longFirst, longFirst), wanted, allocator)).hasSize(2);
    for (InputFile other :
        List.of(write(schema, one, two), write(schema, two, nothing), write(schema, two, empty))) {
      java.nio.file.Files.delete(folder.resolve("spliced.parquet"));
      InputFile file = spliced(longFirst, other);
      assertThatThrownBy(() -> ParquetFiles.read(file, wanted, allocator))
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
          .hasMessageContaining("levels");
    }
  }

  @Test
  void makesSmallBatchesOfHugeStrings(BufferAllocator allocator) {
    String huge = "x".repeat(1 << 20);
    Consumer<Group> row = group -> group.append("s", huge);
    @SuppressWarnings({"unchecked", "rawtypes"})
    Consumer<Group>[] rows = new Consumer[500];
    Arrays.fill(rows, row);
    InputFile file = write("optional binary s (UTF8);", rows);
    Schema schema = new Schema(optional(1, "s", Types.StringType.get()));

    try (BufferAllocator limited = allocator.newChildAllocator("limited", 0, 256 << 20);
        ParquetReader reader = ParquetReader.of(file, schema).open(limited)) {
      int count = 0;
      while (reader.next()) {
        assertThat(reader.root().getRowCount()).isLessThan(200);
        count += reader.root().getRowCount();
      }
      assertThat(count).isEqualTo(500);
    }
  }

  @Test
  void refusesShreddedVariants(BufferAllocator allocator) {
    InputFile file =
        write(
            "optional group v { required binary metadata; optional binary value;"
                + " optional int32 typed_value; }",
            row -> row.addGroup("v").append("metadata", "m").append("typed_value", 1));
    Schema schema = new Schema(optional(1, "v", Types.VariantType.get()));

    assertThatThrownBy(() -> ParquetFiles.read(file, schema, allocator))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("shredded");
  }
}
