package dev.firn.format.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataWriterTest {
  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(2, "name", Types.StringType.get()),
          optional(3, "price", Types.DecimalType.of(10, 2)));

  private static Record row(long id, String name, String price) {
    return Tables.row(SCHEMA, id, name, price == null ? null : new BigDecimal(price));
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "avro", "orc"})
  void rowsComeBackEqualInEachFormat(String format) {
    Table table =
        Tables.create(SCHEMA, PartitionSpec.unpartitioned(), "write.format.default", format);
    List<Record> rows = List.of(row(1, "a", "1.50"), row(2, null, null), row(3, "ü€𝄞", "-9.99"));

    List<DataFile> files = Tables.append(table, rows);

    assertThat(files).hasSize(1);
    assertThat(files.get(0).format().name()).isEqualToIgnoringCase(format);
    assertThat(files.get(0).recordCount()).isEqualTo(3);
    assertThat(Tables.read(table)).containsExactlyElementsOf(rows);
  }

  @Test
  void filesCarryMetricsAndSplitOffsets() {
    Table table = Tables.create(SCHEMA, PartitionSpec.unpartitioned());

    DataFile file = Tables.append(table, List.of(row(7, "a", null), row(5, "b", null))).get(0);

    assertThat(file.splitOffsets()).containsExactly(4L);
    assertThat(file.nullValueCounts()).containsEntry(3, 2L).containsEntry(1, 0L);
    assertThat(Conversions.<Long>fromByteBuffer(Types.LongType.get(), file.lowerBounds().get(1)))
        .isEqualTo(5L);
  }

  @Test
  void noRowsMakeNoFiles() {
    try (DataWriter writer =
        DataWriter.open(Tables.create(SCHEMA, PartitionSpec.unpartitioned()))) {
      assertThat(writer.complete()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"avro,1000,30000", "parquet,200,20000", "orc,50,20000"})
  void interleavedPartitionsGetOneFileEachWithinTheBudget(
      String format, int partitions, int count) {
    PartitionSpec spec = PartitionSpec.builderFor(SCHEMA).identity("name").build();
    Table table = Tables.create(SCHEMA, spec, "write.format.default", format);
    Random random = new Random(42);
    WriteLimits limits = new WriteLimits(1 << 20, 8);
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table, WriteOptions.OF_TABLE, limits)) {
      for (int i = 0; i < count; i++) {
        writer.write(row(i, "p" + random.nextInt(partitions), null));
      }
      files = writer.complete();
      assertThat(writer.runsWritten()).isPositive();
      assertThat(writer.mostOpenFiles()).isLessThanOrEqualTo(8);
    }

    assertThat(files).hasSize(partitions);
    Tables.commit(table, files);
    List<Record> read = Tables.read(table);
    Set<Object> ids = new HashSet<>();
    read.forEach(r -> ids.add(r.get(0)));
    assertThat(read).hasSize(count);
    assertThat(ids).hasSize(count);
  }

  @Test
  void rowsAreSortedWithinEachFileAndPartition() {
    PartitionSpec spec = PartitionSpec.builderFor(SCHEMA).bucket("id", 3).build();
    SortOrder order =
        SortOrder.builderFor(SCHEMA)
            .desc(Expressions.truncate("name", 1), NullOrder.NULLS_LAST)
            .asc("id", NullOrder.NULLS_FIRST)
            .build();
    Table table = Tables.create(SCHEMA, spec, order);
    Random random = new Random(7);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      String name = random.nextInt(10) == 0 ? null : (char) ('a' + random.nextInt(5)) + "" + i;
      rows.add(row(random.nextInt(100_000), name, null));
    }
    WriteLimits limits = new WriteLimits(1 << 20, 4);
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table, WriteOptions.OF_TABLE, limits)) {
      rows.forEach(writer::write);
      files = writer.complete();
    }

    assertThat(files).hasSize(3);
    assertThat(files).allMatch(f -> f.sortOrderId() == table.sortOrder().orderId());
    Comparator<Record> byOrder =
        Comparator.<Record, String>comparing(
                r -> r.get(1) == null ? null : ((String) r.get(1)).substring(0, 1),
                Comparator.nullsLast(Comparator.reverseOrder()))
            .thenComparing(r -> (Long) r.get(0));
    for (DataFile file : files) {
      assertThat(ReadFile.rows(table, file)).isSortedAccordingTo(byOrder);
    }
    Tables.commit(table, files);
    assertThat(Tables.read(table)).containsExactlyInAnyOrderElementsOf(rows);
  }

  @Test
  void filesRollNearTheTargetSize() {
    Table table =
        Tables.create(
            SCHEMA,
            PartitionSpec.unpartitioned(),
            "write.target-file-size-bytes",
            "500000",
            "write.parquet.row-group-size-bytes",
            "100000");
    Random random = new Random(3);
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table)) {
      byte[] noise = new byte[60];
      for (int i = 0; i < 60_000; i++) {
        random.nextBytes(noise);
        writer.write(row(i, new String(noise, java.nio.charset.StandardCharsets.ISO_8859_1), null));
      }
      files = writer.complete();
      assertThat(writer.rows()).isEqualTo(60_000);
      assertThat(writer.bytes())
          .isEqualTo(files.stream().mapToLong(DataFile::fileSizeInBytes).sum());
    }

    assertThat(files.size()).isGreaterThan(3);
    assertThat(files.subList(0, files.size() - 1))
        .allSatisfy(f -> assertThat(f.fileSizeInBytes()).isBetween(350_000L, 650_000L));
  }

  @Test
  void aWrongValueIsRefusedAndTheWriterGoesOn() {
    Table table = Tables.create(SCHEMA, PartitionSpec.unpartitioned());
    List<DataFile> files;
    try (DataWriter writer = DataWriter.open(table)) {
      writer.write(row(1, "a", null));
      Record noId = Tables.row(SCHEMA, null, "b", null);
      Record text = Tables.row(SCHEMA, "twelve", "b", null);
      Record scale = Tables.row(SCHEMA, 1L, "b", new BigDecimal("1.005"));
      Record wide = Tables.row(SCHEMA, 1L, "b", new BigDecimal("123456789.00"));
      assertInvalid(() -> writer.write(noId), "column id", "required long", "got null");
      assertInvalid(() -> writer.write(text), "column id", "long", "String 'twelve'");
      assertInvalid(() -> writer.write(scale), "column price", "decimal(10, 2)", "1.005");
      assertInvalid(() -> writer.write(wide), "column price", "123456789.00");
      writer.write(row(2, "c", null));
      files = writer.complete();
    }
    Tables.commit(table, files);
    assertThat(Tables.read(table)).containsExactly(row(1, "a", null), row(2, "c", null));
  }

  static void assertInvalid(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContainingAll(parts);
  }

  @Test
  void rowsOfAnotherStructAreMatchedByNameAndTakeWriteDefaults() {
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()),
            Types.NestedField.required("day")
                .withId(2)
                .ofType(Types.DateType.get())
                .withInitialDefault(Expressions.lit(1).to(Types.DateType.get()))
                .withWriteDefault(Expressions.lit("2024-02-29").to(Types.DateType.get()))
                .build(),
            optional(3, "note", Types.StringType.get()));
    Table table = Tables.create(schema, PartitionSpec.unpartitioned(), "format-version", "3");
    Schema given =
        new Schema(
            optional(9, "note", Types.StringType.get()),
            required(8, "id", Types.IntegerType.get()));
    Record row = GenericRecord.create(given);
    row.set(0, "hello");
    row.set(1, 12);

    Tables.append(table, List.of(row));

    assertThat(Tables.read(table))
        .containsExactly(
            Tables.row(table.schema(), 12L, java.time.LocalDate.of(2024, 2, 29), "hello"));
  }

  @Test
  void anUnknownColumnIsRefusedWithTheNearestName() {
    Table table = Tables.create(SCHEMA, PartitionSpec.unpartitioned());
    Schema given =
        new Schema(
            required(1, "id", Types.LongType.get()), optional(2, "nmae", Types.StringType.get()));
    try (DataWriter writer = DataWriter.open(table)) {
      assertInvalid(
          () -> writer.write(Tables.row(given, 1L, "x")), "no column nmae", "did you mean name?");
    }
  }

  @Test
  void closeWithoutCompleteRemovesEveryFile() {
    PartitionSpec spec = PartitionSpec.builderFor(SCHEMA).identity("name").build();
    Table table = Tables.create(SCHEMA, spec, "write.target-file-size-bytes", "5000");
    FailingIo io = new FailingIo(table.io());
    Table watched = io.table(table);
    WriteLimits limits = new WriteLimits(1 << 20, 8);
    try (DataWriter writer = DataWriter.open(watched, WriteOptions.OF_TABLE, limits)) {
      for (int i = 0; i < 20_000; i++) {
        writer.write(row(i, "p" + i % 3, null));
      }
      assertThat(io.existing()).isNotEmpty();
    }
    assertThat(io.existing()).isEmpty();
  }

  @Test
  void everyFailingStoreCallIsReportedAndLeavesNoFile() {
    PartitionSpec spec = PartitionSpec.builderFor(SCHEMA).identity("name").build();
    Table table = Tables.create(SCHEMA, spec, "write.parquet.row-group-size-bytes", "30000");
    int failures = 0;
    for (int nth = 1; nth < 400; nth++) {
      FailingIo io = new FailingIo(table.io()).failAt(nth);
      boolean failed = false;
      try (DataWriter writer = DataWriter.open(io.table(table))) {
        for (int i = 0; i < 2000; i++) {
          writer.write(row(i, "p" + i % 2, null));
        }
        writer.complete();
      } catch (FirnException e) {
        failed = true;
        assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(e).hasMessageContaining("injected");
      }
      if (!failed) {
        break;
      }
      failures++;
      assertThat(io.existing()).as("after failing call %s", nth).isEmpty();
    }
    assertThat(failures).isGreaterThan(5);
  }

  @Test
  void geometryIsRefusedByColumnName() {
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()),
            optional(2, "shape", Types.GeometryType.crs84()));
    Table table = Tables.create(schema, PartitionSpec.unpartitioned(), "format-version", "3");
    assertInvalid(() -> DataWriter.open(table), "column shape", "geometry");
  }
}
