package dev.firn.format.parquet.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.filter2.columnindex.ColumnIndexFilter;
import org.apache.parquet.internal.filter2.columnindex.ColumnIndexStore;
import org.apache.parquet.internal.filter2.columnindex.RowRanges;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What readers skip by, as parquet-java reads it. */
@ExtendWith(ArrowLeakCheck.class)
class PageIndexTest {
  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(2, "text", Types.StringType.get()),
          optional(3, "ratio", Types.DoubleType.get()),
          optional(4, "list", Types.ListType.ofRequired(5, Types.IntegerType.get())));

  private static List<Record> rows(int count) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Record row = GenericRecord.create(SCHEMA);
      row.set(0, (long) i);
      row.set(1, i / 100 % 3 == 1 ? null : "t%06d".formatted(i).repeat(20));
      row.set(2, i == 777 ? Double.NaN : i % 100 == 0 ? 0.0 : i);
      row.set(3, i % 4 == 0 ? null : i % 4 == 1 ? List.of() : List.of(i, i + 1));
      rows.add(row);
    }
    return rows;
  }

  private static WrittenFile file(int count, BufferAllocator allocator, String... properties) {
    return WrittenFile.ours(SCHEMA, rows(count), 170, WrittenFile.settings(properties), allocator);
  }

  private static ColumnChunkMetaData column(BlockMetaData block, String name) {
    return block.getColumns().stream()
        .filter(c -> c.getPath().toDotString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void pagesHoldTheRowsThatTheIndexesSay(BufferAllocator allocator) throws IOException {
    WrittenFile file = file(1000, allocator, "write.parquet.page-row-limit", "100");
    try (ParquetFileReader reader = file.reader()) {
      BlockMetaData block = reader.getFooter().getBlocks().get(0);
      for (ColumnChunkMetaData chunk : block.getColumns()) {
        OffsetIndex offsets = reader.readOffsetIndex(chunk);
        assertThat(offsets.getPageCount()).isEqualTo(10);
        for (int page = 0; page < 10; page++) {
          assertThat(offsets.getFirstRowIndex(page)).isEqualTo(100L * page);
        }
      }
      ColumnIndex ids = reader.readColumnIndex(column(block, "id"));
      assertThat(ids.getBoundaryOrder().name()).isEqualTo("ASCENDING");
      assertThat(ids.getMinValues().get(3).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong(0))
          .isEqualTo(300);
      assertThat(ids.getMaxValues().get(3).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong(0))
          .isEqualTo(399);
      ColumnIndex texts = reader.readColumnIndex(column(block, "text"));
      assertThat(texts.getNullPages())
          .containsExactly(false, true, false, false, true, false, false, true, false, false);
      assertThat(texts.getNullCounts().get(1)).isEqualTo(100);
      assertThat(texts.getMinValues().get(0).remaining()).isEqualTo(64);
    }
  }

  @Test
  void rowsAreFoundByTheColumnIndex(BufferAllocator allocator) throws IOException {
    WrittenFile file = file(1000, allocator, "write.parquet.page-row-limit", "100");
    FilterPredicate wanted =
        FilterApi.and(
            FilterApi.eq(FilterApi.longColumn("id"), 555L),
            FilterApi.gt(FilterApi.binaryColumn("text"), Binary.fromString("t0004")));
    try (ParquetFileReader reader = file.reader()) {
      BlockMetaData block = reader.getFooter().getBlocks().get(0);
      ColumnIndexStore store = reader.getColumnIndexStore(0);
      Set<org.apache.parquet.hadoop.metadata.ColumnPath> paths =
          Set.of(column(block, "id").getPath(), column(block, "text").getPath());
      RowRanges found =
          ColumnIndexFilter.calculateRowRanges(
              FilterCompat.get(wanted), store, paths, block.getRowCount());
      assertThat(found.rowCount()).isEqualTo(100);
      assertThat(found.getRanges().get(0).from).isEqualTo(500);
      try (PageReadStore pages = reader.readFilteredRowGroup(0, found)) {
        assertThat(pages.getRowCount()).isEqualTo(100);
      }
    }
  }

  @Test
  void aColumnWithNanHasNoBoundsThatCouldHideIt(BufferAllocator allocator) throws IOException {
    WrittenFile file = file(1000, allocator, "write.parquet.page-row-limit", "100");
    try (ParquetFileReader reader = file.reader()) {
      ColumnChunkMetaData chunk = column(reader.getFooter().getBlocks().get(0), "ratio");
      assertThat(chunk.getStatistics().hasNonNullValue()).isFalse();
      assertThat(chunk.getStatistics().getNumNulls()).isZero();
      assertThat(reader.readColumnIndex(chunk)).isNull();
    }
    try (ParquetFileReader reader = file(700, allocator).reader()) {
      ColumnChunkMetaData chunk = column(reader.getFooter().getBlocks().get(0), "ratio");
      assertThat((Object) chunk.getStatistics().genericGetMin()).isEqualTo(-0.0);
      assertThat((Object) chunk.getStatistics().genericGetMax()).isEqualTo(699.0);
    }
  }

  @Test
  void columnsCanGoWithoutStatistics(BufferAllocator allocator) throws IOException {
    WrittenFile file = file(300, allocator, "write.parquet.stats-enabled.column.text", "false");
    try (ParquetFileReader reader = file.reader()) {
      BlockMetaData block = reader.getFooter().getBlocks().get(0);
      assertThat(column(block, "text").getStatistics().isEmpty()).isTrue();
      assertThat(reader.readColumnIndex(column(block, "text"))).isNull();
      assertThat(column(block, "id").getStatistics().isEmpty()).isFalse();
    }
    assertThat(file.metrics().lowerBounds()).containsKey(1).doesNotContainKey(2);
  }

  @Test
  void bloomFiltersHoldEveryValueAndFewOthers(BufferAllocator allocator) throws IOException {
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()),
            required(2, "few", Types.StringType.get()),
            required(3, "uuid", Types.UUIDType.get()),
            required(4, "n", Types.IntegerType.get()));
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      Record row = GenericRecord.create(schema);
      row.set(0, i * 1_000_003L);
      row.set(1, "value " + i % 7);
      row.set(2, new UUID(i, i));
      row.set(3, i);
      rows.add(row);
    }
    String[] properties = new String[8];
    int at = 0;
    for (String name : List.of("id", "few", "uuid", "n")) {
      properties[at++] = "write.parquet.bloom-filter-enabled.column." + name;
      properties[at++] = "true";
    }
    WrittenFile file =
        WrittenFile.ours(schema, rows, 900, WrittenFile.settings(properties), allocator);
    try (ParquetFileReader reader = file.reader()) {
      BlockMetaData block = reader.getFooter().getBlocks().get(0);
      BloomFilter ids = reader.readBloomFilter(column(block, "id"));
      BloomFilter few = reader.readBloomFilter(column(block, "few"));
      BloomFilter uuids = reader.readBloomFilter(column(block, "uuid"));
      BloomFilter ints = reader.readBloomFilter(column(block, "n"));
      int wrong = 0;
      for (int i = 0; i < 5000; i++) {
        assertThat(ids.findHash(ids.hash(i * 1_000_003L))).isTrue();
        assertThat(few.findHash(few.hash(Binary.fromString("value " + i % 7)))).isTrue();
        assertThat(ints.findHash(ints.hash(i))).isTrue();
        wrong += ids.findHash(ids.hash(i * 1_000_003L + 1)) ? 1 : 0;
      }
      byte[] uuid = new byte[16];
      uuid[7] = 9;
      uuid[15] = 9;
      assertThat(uuids.findHash(uuids.hash(Binary.fromConstantByteArray(uuid)))).isTrue();
      // One in a hundred is the default.
      assertThat(wrong).isLessThan(100);
      assertThat(ids.getBitsetSize()).isBetween(4096, 16_384);
      assertThat(few.getBitsetSize()).isLessThanOrEqualTo(64);
    }
  }

  private static Set<Encoding> encodings(WrittenFile file, int column) throws IOException {
    return file.footer().getBlocks().get(0).getColumns().get(column).getEncodings();
  }

  @Test
  void encodingsAreTakenWhereTheyPay(BufferAllocator allocator) throws IOException {
    Schema schema =
        new Schema(
            required(1, "ascending", Types.LongType.get()),
            required(2, "few", Types.StringType.get()),
            required(3, "many", Types.StringType.get()),
            required(4, "flag", Types.BooleanType.get()),
            required(5, "random", Types.DoubleType.get()));
    java.util.Random random = new java.util.Random(5);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      Record row = GenericRecord.create(schema);
      row.set(0, 1_000_000_000L * i + random.nextInt(1000));
      row.set(1, "value " + random.nextInt(50));
      row.set(2, "value " + random.nextLong());
      row.set(3, random.nextBoolean());
      row.set(4, random.nextDouble());
      rows.add(row);
    }
    WrittenFile file = WrittenFile.ours(schema, rows, 7000, WrittenFile.settings(), allocator);
    assertThat(encodings(file, 0)).contains(Encoding.DELTA_BINARY_PACKED);
    assertThat(encodings(file, 1)).contains(Encoding.RLE_DICTIONARY);
    assertThat(encodings(file, 2)).contains(Encoding.PLAIN).doesNotContain(Encoding.RLE_DICTIONARY);
    assertThat(encodings(file, 3)).contains(Encoding.PLAIN);
    assertThat(encodings(file, 4)).contains(Encoding.PLAIN);
    assertThat(file.rows(schema)).isEqualTo(rows);
  }

  @Test
  void aDictionaryThatOutgrowsItsLimitEndsWithinTheChunk(BufferAllocator allocator)
      throws IOException {
    Schema schema =
        new Schema(
            required(1, "text", Types.StringType.get()),
            required(2, "number", Types.DoubleType.get()));
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      Record row = GenericRecord.create(schema);
      int value = i < 5000 ? i % 50 : i;
      row.set(0, "some text " + value);
      row.set(1, value / 3.0);
      rows.add(row);
    }
    WrittenFile file =
        WrittenFile.ours(
            schema,
            rows,
            1300,
            WrittenFile.settings(
                "write.parquet.page-row-limit", "1000", "write.parquet.dict-size-bytes", "20000"),
            allocator);
    for (int column = 0; column < 2; column++) {
      assertThat(encodings(file, column))
          .contains(Encoding.RLE_DICTIONARY)
          .containsAnyOf(Encoding.PLAIN, Encoding.BYTE_STREAM_SPLIT);
    }
    assertThat(file.rows(schema)).isEqualTo(rows);
  }

  @Test
  void pagesAreOfTheVersionAskedFor(BufferAllocator allocator) throws IOException {
    for (String version : List.of("v1", "v2")) {
      WrittenFile file = file(300, allocator, "write.parquet.page-version", version);
      try (ParquetFileReader reader = file.reader();
          PageReadStore pages = reader.readNextRowGroup()) {
        for (ColumnDescriptor column : reader.getFileMetaData().getSchema().getColumns()) {
          assertThat(pages.getPageReader(column).readPage() instanceof DataPageV2)
              .isEqualTo(version.equals("v2"));
        }
      }
      assertThat(file.rows(SCHEMA)).isEqualTo(rows(300));
    }
  }
}
