package dev.firn.format.parquet.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.RandomRows;
import dev.firn.format.arrow.Shown;
import dev.firn.testing.ArrowLeakCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ArrowLeakCheck.class)
class ParquetWriterTest {
  private static final long SEED = Long.getLong("firn.seed", 4711);

  /** Parquet has no column for unknown, and no group without columns. */
  static boolean storable(Schema schema) {
    return schema.columns().stream().noneMatch(f -> unknown(f.type()));
  }

  private static boolean unknown(Type type) {
    if (type.isNestedType() && !type.isVariantType()) {
      return type.asNestedType().fields().stream().anyMatch(f -> unknown(f.type()));
    }
    return type.typeId() == Type.TypeID.UNKNOWN;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void rowsOfRandomSchemasComeBackEqual(int part, BufferAllocator allocator) {
    long seed = SEED + part;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    RandomRows rows = new RandomRows(random);
    String[] codecs = {"zstd", "snappy", "gzip", "lz4_raw", "uncompressed"};
    for (int round = 0; round < 40; round++) {
      Schema schema = rows.schema();
      if (!storable(schema)) {
        continue;
      }
      List<Record> expected = rows.rows(schema, random.nextInt(300));
      ParquetSettings settings =
          WrittenFile.settings(
              "write.parquet.compression-codec",
              codecs[random.nextInt(codecs.length)],
              "write.parquet.page-version",
              random.nextBoolean() ? "v1" : "v2",
              "write.parquet.page-row-limit",
              Integer.toString(1 + random.nextInt(100)),
              "write.parquet.page-size-bytes",
              Integer.toString(1 + random.nextInt(5000)),
              "write.parquet.dict-size-bytes",
              Integer.toString(1 + random.nextInt(1000)),
              "write.parquet.row-group-size-bytes",
              Integer.toString(1 + random.nextInt(20_000)));
      int batch = 1 + random.nextInt(120);
      WrittenFile file = WrittenFile.ours(schema, expected, batch, settings, allocator);
      assertThat(Shown.all(file.rows(schema)))
          .as("seed %s, round %s, schema %s", seed, round, schema)
          .isEqualTo(Shown.all(expected));
      assertThat(file.length()).isEqualTo(file.file().getLength());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 1000})
  void slicesOfOneBatchComeBackEqual(int slice, BufferAllocator allocator) {
    System.out.println("seed " + SEED);
    RandomRows random = new RandomRows(new Random(SEED));
    Schema schema = random.flatSchema();
    List<Record> rows = random.rows(schema, 1000);
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      rows.forEach(builder::add);
      ParquetSettings settings = WrittenFile.settings("write.parquet.page-row-limit", "130");
      WrittenFile file = WrittenFile.slices(schema, builder.finish(), slice, settings, allocator);
      assertThat(Shown.all(file.rows(schema))).isEqualTo(Shown.all(rows));
    }
  }

  @Test
  void aFileWithoutRowsIsReadable(BufferAllocator allocator) {
    Schema schema = new Schema(required(1, "id", Types.LongType.get()));
    WrittenFile file = WrittenFile.ours(schema, List.of(), 1, WrittenFile.settings(), allocator);
    assertThat(file.rows(schema)).isEmpty();
    assertThat(file.metrics().recordCount()).isZero();
    assertThat(file.splits()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void columnsOfNullsComeBackAsNulls(String version, BufferAllocator allocator) {
    Schema schema = new RandomRows(new Random(SEED)).flatSchema();
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      rows.add(GenericRecord.create(schema));
    }
    ParquetSettings settings = WrittenFile.settings("write.parquet.page-version", version);
    WrittenFile file = WrittenFile.ours(schema, rows, 300, settings, allocator);
    assertThat(Shown.all(file.rows(schema))).isEqualTo(Shown.all(rows));
  }

  @Test
  void hugeStringsGetPagesOfTheirOwn(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()), optional(2, "text", Types.StringType.get()));
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Record row = GenericRecord.create(schema);
      row.setField("id", (long) i);
      row.setField(
          "text", i % 5 == 0 ? null : String.valueOf((char) ('a' + i)).repeat(300_000 + i));
      rows.add(row);
    }
    WrittenFile file = WrittenFile.ours(schema, rows, 40, WrittenFile.settings(), allocator);
    assertThat(Shown.all(file.rows(schema))).isEqualTo(Shown.all(rows));
  }
}
