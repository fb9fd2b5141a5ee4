package dev.firn.format.parquet.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.format.arrow.RandomRows;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ArrowLeakCheck.class)
class WriterFailureTest {
  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(
              2,
              "items",
              Types.ListType.ofOptional(
                  3, Types.StructType.of(required(4, "sku", Types.StringType.get())))));

  private static Record row(Long id, String... skus) {
    Record row = GenericRecord.create(SCHEMA);
    row.set(0, id);
    Types.StructType item = SCHEMA.findType("items").asListType().elementType().asStructType();
    List<Record> items = new java.util.ArrayList<>();
    for (String sku : skus) {
      Record record = GenericRecord.create(item);
      record.set(0, sku);
      items.add(record);
    }
    row.set(1, items);
    return row;
  }

  private static void write(
      OutputFile target, Schema schema, List<Record> rows, BufferAllocator allocator) {
    ParquetSettings settings =
        WrittenFile.settings(
            "write.parquet.row-group-size-bytes", "3000", "write.parquet.page-row-limit", "20");
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      rows.forEach(builder::add);
      VectorSchemaRoot batch = builder.finish();
      try (ParquetWriter writer = ParquetWriter.create(target, schema, settings, allocator)) {
        writer.write(batch);
        writer.write(batch);
        writer.finish();
      }
    }
  }

  @Test
  void nullsInRequiredColumnsAreRefused(BufferAllocator allocator) {
    assertThatThrownBy(
            () ->
                write(
                    WrittenFile.target(), SCHEMA, List.of(row(1L), row(2L), row(null)), allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("required column id is null in row 2");
    assertThatThrownBy(
            () ->
                write(
                    WrittenFile.target(),
                    SCHEMA,
                    List.of(row(1L), row(2L, "a", "b"), row(3L, "c", null)),
                    allocator))
        .hasMessageContaining("required column items.element.sku is null in row 2");
  }

  @Test
  void aWriterThatFailedCanOnlyBeClosed(BufferAllocator allocator) {
    ParquetSettings settings = WrittenFile.settings();
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(SCHEMA, allocator);
        ParquetWriter writer =
            ParquetWriter.create(WrittenFile.target(), SCHEMA, settings, allocator)) {
      builder.add(row(null));
      VectorSchemaRoot batch = builder.finish();
      assertThatThrownBy(() -> writer.write(batch)).isInstanceOf(FirnException.class);
      assertThatThrownBy(() -> writer.write(batch)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(writer::metrics).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void batchesOfOtherTypesAreRefused(BufferAllocator allocator) {
    Schema other =
        new Schema(
            required(1, "id", Types.IntegerType.get()), optional(2, "items", Types.LongType.get()));
    try (VectorSchemaRoot batch = VectorSchemaRoot.create(ArrowSchemas.toArrow(other), allocator);
        ParquetWriter writer =
            ParquetWriter.create(WrittenFile.target(), SCHEMA, WrittenFile.settings(), allocator)) {
      batch.setRowCount(1);
      assertThatThrownBy(() -> writer.write(batch, 0, 2))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("not within the batch");
      assertThatThrownBy(() -> writer.write(batch))
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
          .hasMessageContaining("column id has another type");
    }
  }

  @Test
  void numbersWithTooManyDigitsAreRefused(BufferAllocator allocator) {
    Schema wide = new Schema(required(1, "d", Types.DecimalType.of(38, 2)));
    for (int precision : new int[] {9, 18, 30}) {
      Schema narrow = new Schema(required(1, "d", Types.DecimalType.of(precision, 2)));
      try (VectorSchemaRoot batch =
          VectorSchemaRoot.create(ArrowSchemas.toArrow(narrow), allocator)) {
        batch.allocateNew();
        // A number of another type's vector: the vector itself would refuse it.
        long at = batch.getVector(0).getDataBuffer().memoryAddress();
        for (int i = 0; i < 16; i++) {
          org.apache.arrow.memory.util.MemoryUtil.putByte(at + i, (byte) (i == 15 ? 0x30 : 1));
        }
        batch.getVector(0).getValidityBuffer().setByte(0, 1);
        batch.setRowCount(1);
        try (ParquetWriter writer =
            ParquetWriter.create(WrittenFile.target(), narrow, WrittenFile.settings(), allocator)) {
          assertThatThrownBy(() -> writer.write(batch))
              .as("%s, %s", wide, precision)
              .hasMessageContaining("more digits than its type");
        }
      }
    }
  }

  @Test
  void typesThatParquetCannotHoldAreRefused(BufferAllocator allocator) {
    ParquetSettings settings = WrittenFile.settings();
    Schema geometry = new Schema(optional(1, "g", Types.GeometryType.crs84()));
    Schema unknown = new Schema(optional(1, "u", Types.UnknownType.get()));
    Schema inside =
        new Schema(optional(1, "l", Types.ListType.ofOptional(2, Types.UnknownType.get())));
    for (Schema schema : List.of(geometry, unknown, inside)) {
      assertThatThrownBy(
              () -> ParquetWriter.create(WrittenFile.target(), schema, settings, allocator))
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "write.parquet.compression-codec, middle-out",
    "write.parquet.compression-codec, brotli",
    "write.parquet.compression-level, fast",
    "write.parquet.compression-level, 99",
    "write.parquet.page-row-limit, 0",
    "write.parquet.page-version, v3",
    "write.parquet.row-group-size-bytes, -1",
    "write.parquet.bloom-filter-enabled.column.id, maybe",
    "write.parquet.stats-enabled.column.id, 1"
  })
  void propertiesOutOfRangeAreNamed(String property, String value) {
    assertThatThrownBy(
            () -> ParquetSettings.of(WrittenFile.map(property, value), MetricsConfig.getDefault()))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining(property)
        .hasMessageContaining(value);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyFailingCallOfTheStoreLeavesNothingBehind(boolean nested, BufferAllocator allocator) {
    RandomRows random = new RandomRows(new Random(3));
    Schema schema = nested ? SCHEMA : random.flatSchema();
    List<Record> rows = random.rows(SCHEMA, 400);
    List<Record> data = nested ? rows : random.rows(schema, 400);
    int calls = 0;
    while (true) {
      FailingFile file = new FailingFile(WrittenFile.target(), ++calls);
      try {
        write(file, schema, data, allocator);
        assertThat(file.failed).isFalse();
        break;
      } catch (FirnException e) {
        assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(e).hasRootCauseMessage("injected");
        assertThat(e.getMessage()).contains(file.location());
      }
      assertThat(allocator.getChildAllocators()).isEmpty();
      assertThat(allocator.getAllocatedMemory()).isZero();
      assertThat(file.open).isZero();
    }
    assertThat(calls).isGreaterThan(3);
  }

  @Test
  void memoryThatRunsOutLeavesNothingBehind(BufferAllocator allocator) {
    RandomRows random = new RandomRows(new Random(3));
    Schema schema = random.flatSchema();
    List<Record> data = random.rows(schema, 2000);
    int failures = 0;
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      data.forEach(builder::add);
      VectorSchemaRoot batch = builder.finish();
      for (long limit = 1 << 12; limit < 8 << 20; limit = limit * 5 / 4) {
        try (BufferAllocator child = allocator.newChildAllocator("limited", 0, limit);
            ParquetWriter writer =
                ParquetWriter.create(WrittenFile.target(), schema, WrittenFile.settings(), child)) {
          writer.write(batch);
          writer.finish();
        } catch (OutOfMemoryException e) {
          failures++;
        }
      }
    }
    assertThat(failures).isBetween(5, 30);
  }

  @Test
  void aWriterClosedEarlyHoldsNothing(BufferAllocator allocator) {
    RandomRows random = new RandomRows(new Random(4));
    Schema schema = random.flatSchema();
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      random.rows(schema, 500).forEach(builder::add);
      VectorSchemaRoot batch = builder.finish();
      ParquetWriter writer =
          ParquetWriter.create(WrittenFile.target(), schema, WrittenFile.settings(), allocator);
      writer.write(batch);
      long held = writer.memory();
      assertThat(held).isGreaterThan(10_000);
      writer.endRowGroup();
      assertThat(writer.memory()).isLessThan(held);
      writer.close();
      writer.close();
      assertThat(writer.memory()).isZero();
      assertThat(allocator.getChildAllocators()).isEmpty();
    }
  }

  /** An output file whose n-th writing call fails. */
  private static final class FailingFile implements OutputFile {
    private final OutputFile file;
    private final int failing;
    private int calls;
    private int open;
    private boolean failed;

    FailingFile(OutputFile file, int failing) {
      this.file = file;
      this.failing = failing;
    }

    private void call() throws IOException {
      if (++calls == failing) {
        failed = true;
        throw new IOException("injected");
      }
    }

    @Override
    public PositionOutputStream create() {
      try {
        call();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      open++;
      return new Stream(file.create());
    }

    @Override
    public PositionOutputStream createOrOverwrite() {
      return create();
    }

    @Override
    public String location() {
      return file.location();
    }

    @Override
    public InputFile toInputFile() {
      return file.toInputFile();
    }

    private final class Stream extends PositionOutputStream {
      private final PositionOutputStream out;

      Stream(PositionOutputStream out) {
        this.out = out;
      }

      @Override
      public long getPos() throws IOException {
        return out.getPos();
      }

      @Override
      public void write(int b) throws IOException {
        call();
        out.write(b);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        call();
        out.write(bytes, offset, length);
      }

      @Override
      public void flush() throws IOException {
        call();
        out.flush();
      }

      @Override
      public void close() throws IOException {
        open--;
        out.close();
        call();
      }
    }
  }
}
