package dev.firn.format.parquet.proof;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.Shown;
import dev.firn.format.merge.MergeOptions;
import dev.firn.format.merge.MergeOutcome;
import dev.firn.format.merge.PageMerge;
import dev.firn.format.parquet.write.ParquetSettings;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Files;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files of every shape that can be merged page by page, and those that cannot: which they are, and
 * why, docs/design/0006 lists.
 */
@ExtendWith(ArrowLeakCheck.class)
class MergedShapesTest {
  private static final int ROWS = 300;

  /** Nothing is required: DuckDB writes no column that is. */
  private static final Schema SCHEMA =
      new Schema(
          optional(1, "id", Types.LongType.get()),
          optional(2, "s", Types.StringType.get()),
          optional(3, "d", Types.DoubleType.get()),
          optional(4, "b", Types.BooleanType.get()),
          optional(5, "m", Types.DecimalType.of(9, 2)),
          optional(6, "day", Types.DateType.get()),
          optional(7, "ts", Types.TimestampType.withZone()),
          optional(8, "l", Types.ListType.ofOptional(9, Types.IntegerType.get())),
          optional(
              10,
              "st",
              Types.StructType.of(
                  optional(11, "x", Types.IntegerType.get()),
                  optional(12, "y", Types.StringType.get()))),
          optional(
              13,
              "kv",
              Types.MapType.ofOptional(14, 15, Types.StringType.get(), Types.LongType.get())));

  @TempDir private Path temp;
  private int files;

  private Table table(Schema schema, String... properties) {
    Map<String, String> all = new HashMap<>();
    for (int i = 0; i < properties.length; i += 2) {
      all.put(properties[i], properties[i + 1]);
    }
    return LocalTable.of(temp.resolve("t" + files++), schema, all);
  }

  private Path path() {
    return temp.resolve("f" + files++ + ".parquet");
  }

  private Path firn(GeneratedTable rows, Table settings, BufferAllocator allocator) {
    Path path = path();
    FirnFiles.write(
        Files.localOutput(path.toFile()),
        rows,
        ParquetSettings.of(settings.properties(), MetricsConfig.getDefault()),
        new Random(1),
        allocator);
    return path;
  }

  private Path parquetJava(
      GeneratedTable rows, CompressionCodecName codec, WriterVersion version, int pageRows) {
    Path path = path();
    EncodedFiles.Layout layout =
        new EncodedFiles.Layout(
            codec, version, 100_000, pageRows, 200, false, new RandomEncodings(new Random(2)));
    EncodedFiles.write(path, rows, layout);
    return path;
  }

  private static MergeOutcome merge(
      Table table, List<Path> paths, List<Integer> rows, BufferAllocator allocator) {
    return PageMerge.merge(
        table,
        table.spec(),
        LocalTable.tasks(table, paths, rows.stream().map(Integer::longValue).toList()),
        new MergeOptions(1 << 30, allocator));
  }

  private static Path merged(
      Table table, List<Path> paths, List<Integer> rows, BufferAllocator allocator) {
    MergeOutcome outcome = merge(table, paths, rows, allocator);
    assertThat(outcome).isInstanceOf(MergeOutcome.Merged.class);
    List<DataFile> out = ((MergeOutcome.Merged) outcome).files();
    assertThat(out).hasSize(1);
    assertThat(out.get(0).recordCount())
        .isEqualTo(rows.stream().mapToLong(Integer::longValue).sum());
    return Path.of(out.get(0).location());
  }

  /** Two readers that are not ours, and ours, find the rows; filters prune none of them. */
  private static void check(
      Path file, Schema schema, List<Record> rows, BufferAllocator allocator) {
    List<Object> expected = Shown.all(rows);
    assertThat(FirnFiles.read(file, schema, allocator)).isEqualTo(expected);
    assertThat(Shown.all(IcebergFiles.read(file, schema))).isEqualTo(expected);
    try (DuckDb duck = DuckDb.open()) {
      for (NestedField field : schema.columns()) {
        for (int i = 0; i < rows.size(); i += 1 + rows.size() / 7) {
          Object value = rows.get(i).getField(field.name());
          long count = WrittenIndexesTest.occurrences(rows, field, value);
          String literal = DuckDb.literal(field.type(), value);
          if (literal != null) {
            assertThat(duck.count(file, field.name() + " = " + literal)).isEqualTo(count);
          }
          FilterPredicate equal = WrittenIndexesTest.equal(field, value);
          if (equal != null) {
            assertThat(WrittenIndexesTest.count(file, equal)).as("%s", equal).isEqualTo(count);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionCodecName.class,
      names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"})
  void everyWriterCodecAndPageVersionTogether(
      CompressionCodecName codec, BufferAllocator allocator) {
    for (WriterVersion version : WriterVersion.values()) {
      RandomTables random = new RandomTables(codec.ordinal(), RandomTables.COMMON);
      Table table = table(SCHEMA, "write.parquet.compression-codec", "zstd");
      Table ofCodec = table(SCHEMA, "write.parquet.compression-codec", codec.name());
      List<Path> paths = new ArrayList<>();
      List<Integer> counts = new ArrayList<>();
      List<Record> rows = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        GeneratedTable part = random.table(table.schema(), ROWS);
        part.rows().set(i, GenericRecord.create(table.schema()));
        paths.add(
            switch (i % 3) {
              case 0 -> parquetJava(part, codec, version, i == 0 ? 37 : 20_000);
              case 1 -> duckDb(part, codec, version, allocator);
              default -> firn(part, ofCodec, allocator);
            });
        counts.add(ROWS);
        rows.addAll(part.rows());
      }
      check(merged(table, paths, counts, allocator), table.schema(), rows, allocator);
    }
  }

  private Path duckDb(
      GeneratedTable rows,
      CompressionCodecName codec,
      WriterVersion version,
      BufferAllocator allocator) {
    // Where it knows of no null, it writes a required column.
    Path from = firn(rows, table(rows.schema()), allocator);
    Path path = path();
    try (DuckDb duck = DuckDb.open()) {
      duck.copy(
          from, path, rows.schema(), codec.name(), version == WriterVersion.PARQUET_1_0 ? 1 : 2);
    }
    return path;
  }

  private static GeneratedTable numbers(Schema schema, long from, int count, long nulls) {
    List<Record> rows = new ArrayList<>();
    for (long i = from; i < from + count; i++) {
      Record row = GenericRecord.create(schema);
      row.set(0, i);
      row.set(1, nulls > 0 && i % nulls == 0 ? null : "s" + i % 50);
      rows.add(row);
    }
    return new GeneratedTable(from, schema, rows);
  }

  private static final Schema NARROW =
      new Schema(required(1, "id", Types.LongType.get()), optional(2, "s", Types.StringType.get()));

  private static Set<String> filtered(Path file) {
    Set<String> columns = new TreeSet<>();
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
      for (BlockMetaData group : reader.getFooter().getBlocks()) {
        for (ColumnChunkMetaData chunk : group.getColumns()) {
          if (reader.readBloomFilter(chunk) != null) {
            columns.add(chunk.getPath().toDotString());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return columns;
  }

  @Test
  void bloomFiltersAreMadeAnewWhereTheTableAsksAndDroppedElse(BufferAllocator allocator) {
    String key = "write.parquet.bloom-filter-enabled.column.";
    Table asking = table(NARROW, key + "id", "true", key + "s", "true");
    Table plain = table(NARROW);
    List<Path> paths = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      GeneratedTable part = numbers(asking.schema(), i * 1000L, ROWS, 7);
      paths.add(firn(part, i % 2 == 0 ? asking : plain, allocator));
      counts.add(ROWS);
      rows.addAll(part.rows());
    }
    assertThat(filtered(paths.get(0))).containsExactly("id", "s");
    assertThat(filtered(paths.get(1))).isEmpty();

    Path dropped = merged(plain, paths, counts, allocator);
    assertThat(filtered(dropped)).isEmpty();
    check(dropped, plain.schema(), rows, allocator);
    MergeOutcome outcome = merge(asking, paths, counts, allocator);
    if (outcome instanceof MergeOutcome.Refused refused) {
      // Ids of files without a filter may be in deltas, which are not decoded for one.
      assertThat(refused.obstacle()).contains("bloom filter of column id cannot be made");
      outcome = merge(asking, List.of(paths.get(0), paths.get(2)), List.of(ROWS, ROWS), allocator);
      rows = new ArrayList<>(rows.subList(0, ROWS));
      rows.addAll(numbers(asking.schema(), 2000, ROWS, 7).rows());
    }
    Path built = Path.of(((MergeOutcome.Merged) outcome).files().get(0).location());
    assertThat(filtered(built)).containsExactly("id", "s");
    check(built, asking.schema(), rows, allocator);
  }

  @Test
  void storedLineageIsCopiedOnAndInheritedLineageIsWritten(BufferAllocator allocator) {
    Table table = table(NARROW, "format-version", "3");
    Schema lineage = MetadataColumns.schemaWithRowLineage(table.schema());
    GeneratedTable stored = lineage(lineage, numbers(table.schema(), 0, ROWS, 0), false);
    GeneratedTable fresh = numbers(table.schema(), 1000, ROWS, 0);
    List<Path> paths = List.of(firn(stored, table, allocator), firn(fresh, table, allocator));

    Path out = merged(table, paths, List.of(ROWS, ROWS), allocator);

    Schema ids =
        new Schema(
            NARROW.findField("id"),
            MetadataColumns.ROW_ID,
            MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER);
    List<Record> expected = new ArrayList<>();
    for (int i = 0; i < 2 * ROWS; i++) {
      Record row = GenericRecord.create(ids);
      boolean first = i < ROWS;
      row.set(0, first ? stored.rows().get(i).get(0) : fresh.rows().get(i - ROWS).get(0));
      row.set(1, first ? stored.rows().get(i).get(2) : (Object) (LocalTable.FIRST_ID + i));
      row.set(2, first ? stored.rows().get(i).get(3) : (Object) (LocalTable.FIRST_SEQUENCE + 1));
      expected.add(row);
    }
    UnaryOperator<dev.firn.format.parquet.read.ParquetReader.Builder> others =
        read ->
            read.constants(
                Map.of(
                    MetadataColumns.ROW_ID.fieldId(),
                    7_000_000L,
                    MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId(),
                    7_000L));
    assertThat(FirnFiles.read(Files.localInput(out.toFile()), ids, others, allocator))
        .isEqualTo(Shown.all(expected));
    // What is stored for some rows alone cannot be copied beside what the others inherit.
    Path some = firn(lineage(lineage, numbers(table.schema(), 0, ROWS, 0), true), table, allocator);
    assertThat(refusal(table, List.of(some, paths.get(1)), allocator))
        .contains("some rows inherit what column _");
  }

  private static GeneratedTable lineage(Schema schema, GeneratedTable rows, boolean holes) {
    Random random = new Random(5);
    List<Record> all = new ArrayList<>();
    for (Record row : rows.rows()) {
      Record stored = GenericRecord.create(schema);
      stored.set(0, row.get(0));
      stored.set(1, row.get(1));
      boolean hole = holes && random.nextInt(10) == 0;
      stored.set(2, hole ? null : (Object) (long) random.nextInt(1_000_000));
      stored.set(3, hole ? null : (Object) (long) random.nextInt(4));
      all.add(stored);
    }
    return new GeneratedTable(rows.seed(), schema, all);
  }

  @Test
  void pagesOfNullsAndFilesWithoutRows(BufferAllocator allocator) {
    for (WriterVersion version : WriterVersion.values()) {
      Table table = table(SCHEMA);
      List<Path> paths = new ArrayList<>();
      List<Integer> counts = new ArrayList<>();
      List<Record> rows = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        GeneratedTable part =
            i % 2 == 1
                ? new GeneratedTable(i, table.schema(), List.of())
                : nulls(table.schema(), i == 2);
        boolean ours = i < 2;
        paths.add(
            ours
                ? firn(part, table, allocator)
                : parquetJava(part, CompressionCodecName.SNAPPY, version, 10));
        counts.add(part.rows().size());
        rows.addAll(part.rows());
      }
      check(merged(table, paths, counts, allocator), table.schema(), rows, allocator);
      MergeOutcome empty =
          merge(table, List.of(paths.get(1), paths.get(3)), List.of(0, 0), allocator);
      assertThat(empty).isEqualTo(new MergeOutcome.Refused("the files have few rows, 0 in 2"));
    }
  }

  /** All null, or null but for the last pages. */
  private static GeneratedTable nulls(Schema schema, boolean all) {
    GeneratedTable some = new RandomTables(8, RandomTables.COMMON).table(schema, 40);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      boolean filled = !all && i >= ROWS - 40;
      rows.add(filled ? some.rows().get(i - ROWS + 40) : GenericRecord.create(schema));
    }
    return new GeneratedTable(8, schema, rows);
  }

  @Test
  void renamedAndDroppedColumnsAreNoObstacle(BufferAllocator allocator) {
    Table old =
        table(
            new Schema(
                required(1, "key", Types.LongType.get()),
                optional(2, "s", Types.StringType.get()),
                optional(3, "gone", Types.ListType.ofOptional(4, Types.IntegerType.get()))));
    Table table = table(NARROW);
    GeneratedTable before = new RandomTables(3, RandomTables.COMMON).table(old.schema(), ROWS);
    List<Record> rows = new ArrayList<>();
    for (Record row : before.rows()) {
      Record now = GenericRecord.create(table.schema());
      now.set(0, row.get(0));
      now.set(1, row.get(1));
      rows.add(now);
    }
    GeneratedTable after = numbers(table.schema(), 0, ROWS, 3);
    rows.addAll(after.rows());
    List<Path> paths = List.of(firn(before, old, allocator), firn(after, table, allocator));

    Path out = merged(table, paths, List.of(ROWS, ROWS), allocator);

    check(out, table.schema(), rows, allocator);
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(out))) {
      assertThat(reader.getFooter().getFileMetaData().getSchema().getFields())
          .extracting(field -> field.getName())
          .containsExactly("id", "s");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String refusal(Table table, List<Path> paths, BufferAllocator allocator) {
    MergeOutcome outcome = merge(table, paths, Collections.nCopies(paths.size(), ROWS), allocator);
    assertThat(outcome).isInstanceOf(MergeOutcome.Refused.class);
    return ((MergeOutcome.Refused) outcome).obstacle();
  }

  /** Each is decoded and encoded instead. */
  @Test
  void whatIsRefusedSaysWhy(BufferAllocator allocator) {
    Table table = table(NARROW);
    Path plain = firn(numbers(table.schema(), 0, ROWS, 0), table, allocator);
    Table wider =
        table(
            new Schema(
                required(1, "id", Types.LongType.get()),
                optional(2, "s", Types.StringType.get()),
                optional(3, "n", Types.LongType.get())));
    assertThat(refusal(wider, List.of(plain, plain), allocator))
        .contains("column n is not in every file");

    Table narrower =
        table(
            new Schema(
                required(1, "id", Types.IntegerType.get()),
                optional(2, "s", Types.StringType.get())));
    GeneratedTable ints = new RandomTables(4, RandomTables.COMMON).table(narrower.schema(), ROWS);
    assertThat(refusal(table, List.of(firn(ints, narrower, allocator), plain), allocator))
        .contains("column id has another type than in the table");

    GeneratedTable rows = numbers(table.schema(), 0, ROWS, 0);
    Path duck = duckDb(rows, CompressionCodecName.SNAPPY, WriterVersion.PARQUET_1_0, allocator);
    assertThat(refusal(table, List.of(plain, duck), allocator))
        .contains("column s is optional or nested otherwise than in the table");

    Path nameless = path();
    try (DuckDb database = DuckDb.open()) {
      database.execute(
          "COPY (SELECT * FROM read_parquet('%s')) TO '%s' (FORMAT parquet)"
              .formatted(plain, nameless));
    }
    assertThat(refusal(table, List.of(plain, nameless), allocator))
        .contains("has no field id of its own");
  }
}
