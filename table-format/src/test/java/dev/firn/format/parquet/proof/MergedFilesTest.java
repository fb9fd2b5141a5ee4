package dev.firn.format.parquet.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.Shown;
import dev.firn.format.merge.MergeOptions;
import dev.firn.format.merge.MergeOutcome;
import dev.firn.format.merge.PageMerge;
import dev.firn.format.parquet.write.ParquetSettings;
import dev.firn.format.parquet.write.ParquetWriter;
import dev.firn.format.write.FileRegistrar;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Files;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of random tables, by three writers with random settings, merged page by page: every reader
 * finds the rows of the sources, one after the other.
 */
@ExtendWith(ArrowLeakCheck.class)
class MergedFilesTest {
  private static final List<String> CODECS =
      List.of("uncompressed", "snappy", "gzip", "zstd", "lz4_raw");

  private static final int ROUNDS = 8;

  /** What rows without their own would inherit. */
  private static final Map<Integer, Long> OF_OTHERS =
      Map.of(
          MetadataColumns.ROW_ID.fieldId(),
          7_000_000L,
          MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER.fieldId(),
          7_000L);

  @TempDir Path temp;

  /** What was merged, and what came out. */
  private record Merge(Table table, List<Record> rows, List<Long> counts, MergeOutcome outcome) {
    List<DataFile> outputs() {
      return ((MergeOutcome.Merged) outcome).files();
    }

    List<Path> files() {
      return outputs().stream().map(file -> Path.of(file.location())).toList();
    }

    /** The row ids and sequence numbers that the rows had in the sources. */
    List<List<Object>> lineage() {
      List<List<Object>> expected = new ArrayList<>();
      for (int file = 0; file < counts.size(); file++) {
        for (long row = 0; row < counts.get(file); row++) {
          expected.add(
              List.of(LocalTable.FIRST_ID + expected.size(), LocalTable.FIRST_SEQUENCE + file));
        }
      }
      return expected;
    }
  }

  private Table table(GeneratedTable generated, Random random) {
    Map<String, String> properties = new HashMap<>();
    properties.put(TableProperties.PARQUET_COMPRESSION, CODECS.get(random.nextInt(CODECS.size())));
    properties.put(
        TableProperties.PARQUET_DICT_SIZE_BYTES,
        List.of("300", "5000", "2000000").get(random.nextInt(3)));
    properties.put(
        TableProperties.PARQUET_ROW_GROUP_SIZE_BYTES, random.nextBoolean() ? "20000" : "128000000");
    boolean young =
        generated.schema().toString().matches("(?s).*(variant|unknown|_ns|timestamptz_ns).*");
    properties.put(TableProperties.FORMAT_VERSION, young || random.nextBoolean() ? "3" : "2");
    Path directory = temp.resolve(generated.seed() + "-" + generated.rows().size());
    return LocalTable.of(directory, generated.schema(), properties);
  }

  private Merge merge(RandomTables tables, GeneratedTable shape, BufferAllocator allocator) {
    Random random = new Random(shape.seed());
    Table table = table(shape, random);
    List<Record> all = new ArrayList<>();
    List<Path> paths = new ArrayList<>();
    List<Long> counts = new ArrayList<>();
    int files = 2 + random.nextInt(6);
    for (int i = 0; i < files; i++) {
      int rows = 64 + random.nextInt(random.nextBoolean() ? 100 : 600);
      GeneratedTable part = tables.table(table.schema(), rows);
      Path path = temp.resolve(shape.seed() + "-" + i + ".parquet");
      write(path, part, random, allocator);
      all.addAll(part.rows());
      paths.add(path);
      counts.add((long) rows);
    }
    List<FileScanTask> tasks = LocalTable.tasks(table, paths, counts);
    long target = random.nextBoolean() ? 30_000 : 512L << 20;
    int threads = random.nextInt(3);
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      MergeOptions options =
          new MergeOptions(target, allocator, executor, threads, FileRegistrar.NONE);
      MergeOutcome outcome = PageMerge.merge(table, table.spec(), tasks, options);
      if (outcome instanceof MergeOutcome.Merged merged) {
        assertThat(merged.proof().fault(table.io(), merged.files(), options)).isEmpty();
      }
      return new Merge(table, all, counts, outcome);
    } finally {
      executor.shutdown();
    }
  }

  private static void write(
      Path path, GeneratedTable part, Random random, BufferAllocator allocator) {
    switch (random.nextInt(3)) {
      case 0 -> IcebergFiles.write(path, part, random);
      case 1 -> EncodedFiles.write(path, part, EncodedFiles.Layout.random(random));
      default ->
          FirnFiles.write(
              Files.localOutput(path.toFile()),
              part,
              FirnFiles.settings(part.schema(), random),
              random,
              allocator);
    }
  }

  @Test
  void everyReaderFindsTheRowsOfTheSources(BufferAllocator allocator) {
    List<String> refused = new ArrayList<>();
    Rounds.run(
        ROUNDS,
        seed -> {
          RandomTables tables = new RandomTables(seed, RandomTables.ALL);
          GeneratedTable shape = seed % 4 == 0 ? tables.flatTable(1) : tables.table(1);
          Merge merge = merge(tables, shape, allocator);
          if (merge.outcome() instanceof MergeOutcome.Refused why) {
            refused.add(seed + ": " + why.obstacle());
            return;
          }
          List<Object> ours = new ArrayList<>();
          List<Object> icebergs = new ArrayList<>();
          for (Path file : merge.files()) {
            ours.addAll(FirnFiles.read(file, merge.table().schema(), allocator));
            icebergs.addAll(Shown.all(IcebergFiles.read(file, merge.table().schema())));
          }
          List<Object> expected = Shown.all(merge.rows());
          assertThat(ours).as(shape.toString()).isEqualTo(expected);
          assertThat(icebergs).as(shape.toString()).isEqualTo(expected);
          long counted = merge.outputs().stream().mapToLong(DataFile::recordCount).sum();
          assertThat(counted).isEqualTo(expected.size());
          checkLineage(merge, shape, allocator);
          checkPruning(merge, shape, new Random(seed));
        });
    assertThat(refused).as("merges refused").hasSizeLessThan(ROUNDS);
  }

  private static void checkLineage(Merge merge, GeneratedTable shape, BufferAllocator allocator) {
    if (TableUtil.formatVersion(merge.table()) < 3) {
      return;
    }
    Schema lineage =
        new Schema(MetadataColumns.ROW_ID, MetadataColumns.LAST_UPDATED_SEQUENCE_NUMBER);
    List<Object> found = new ArrayList<>();
    for (Path file : merge.files()) {
      found.addAll(
          FirnFiles.read(
              Files.localInput(file.toFile()),
              lineage,
              read -> read.constants(OF_OTHERS),
              allocator));
    }
    List<Object> expected = new ArrayList<>();
    for (List<Object> row : merge.lineage()) {
      Record record = GenericRecord.create(lineage);
      record.set(0, row.get(0));
      record.set(1, row.get(1));
      expected.add(Shown.all(List.of(record)).get(0));
    }
    assertThat(found).as(shape.toString()).isEqualTo(expected);
  }

  /** parquet-java leaves out row groups and pages by what the merged file says of them. */
  private static void checkPruning(Merge merge, GeneratedTable shape, Random random) {
    for (NestedField field : merge.table().schema().columns()) {
      Object value = merge.rows().get(random.nextInt(merge.rows().size())).getField(field.name());
      FilterPredicate equal = WrittenIndexesTest.equal(field, value);
      if (equal != null) {
        long found = 0;
        for (Path file : merge.files()) {
          found += WrittenIndexesTest.count(file, equal);
        }
        assertThat(found)
            .as("where %s: %s", equal, shape)
            .isEqualTo(WrittenIndexesTest.occurrences(merge.rows(), field, value));
      }
    }
  }

  /** Files of one writer, and the same rows written by it at once. */
  @Test
  void metricsAreThoseOfFilesThatAreWrittenAnew(BufferAllocator allocator) {
    Rounds.run(
        4,
        seed -> {
          RandomTables tables = new RandomTables(seed, RandomTables.COMMON);
          Random random = new Random(seed);
          Table table = table(tables.flatTable(1), random);
          ParquetSettings settings =
              ParquetSettings.of(table.properties(), MetricsConfig.getDefault());
          List<Record> all = new ArrayList<>();
          List<Path> paths = new ArrayList<>();
          List<Long> counts = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            GeneratedTable part = tables.table(table.schema(), 100);
            Path path = temp.resolve("m" + seed + "-" + i + ".parquet");
            FirnFiles.write(Files.localOutput(path.toFile()), part, settings, random, allocator);
            all.addAll(part.rows());
            paths.add(path);
            counts.add(100L);
          }
          MergeOutcome outcome =
              PageMerge.merge(
                  table,
                  table.spec(),
                  LocalTable.tasks(table, paths, counts),
                  new MergeOptions(1 << 30, allocator));
          DataFile merged = ((MergeOutcome.Merged) outcome).files().get(0);
          Metrics anew = anew(table, all, settings, allocator);
          for (NestedField field : table.schema().columns()) {
            int id = field.fieldId();
            String column = field + " of " + seed;
            assertThat(merged.valueCounts().get(id))
                .as(column)
                .isEqualTo(anew.valueCounts().get(id));
            assertThat(merged.nullValueCounts().get(id))
                .as(column)
                .isEqualTo(anew.nullValueCounts().get(id));
            assertThat(number(merged.nanValueCounts(), id))
                .as(column)
                .isEqualTo(number(anew.nanValueCounts(), id));
            assertThat(bound(field, merged.lowerBounds()))
                .as(column)
                .isEqualTo(bound(field, anew.lowerBounds()));
            assertThat(bound(field, merged.upperBounds()))
                .as(column)
                .isEqualTo(bound(field, anew.upperBounds()));
          }
        });
  }

  private Metrics anew(
      Table table, List<Record> rows, ParquetSettings settings, BufferAllocator allocator) {
    Path path = temp.resolve("anew-" + System.nanoTime() + ".parquet");
    try (ParquetWriter writer =
            ParquetWriter.create(
                Files.localOutput(path.toFile()), table.schema(), settings, allocator);
        ArrowBatchBuilder batch = new ArrowBatchBuilder(table.schema(), allocator)) {
      rows.forEach(batch::add);
      writer.write(batch.finish());
      writer.finish();
      return writer.metrics();
    }
  }

  private static Long number(Map<Integer, Long> numbers, int id) {
    return numbers == null ? null : numbers.get(id);
  }

  /** Footers have no sign of a zero. */
  private static Object bound(NestedField field, Map<Integer, ByteBuffer> bounds) {
    ByteBuffer bound = bounds == null ? null : bounds.get(field.fieldId());
    Object value = bound == null ? null : Conversions.fromByteBuffer(field.type(), bound);
    boolean zero =
        value instanceof Number number
            && (number instanceof Float || number instanceof Double)
            && number.doubleValue() == 0;
    return zero ? 0 : value;
  }

  /**
   * Two rows that changed places are found in whatever column they differ, and so is a lost one.
   */
  @Test
  void aProofIsOfTheRowsInTheirOrder(BufferAllocator allocator) {
    Rounds.run(
        12,
        seed -> {
          RandomTables tables = new RandomTables(seed, RandomTables.COMMON);
          Random random = new Random(seed);
          Table table = table(tables.flatTable(1), random);
          List<List<Record>> parts = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            parts.add(tables.table(table.schema(), 100).rows());
          }
          MergeOptions options = new MergeOptions(1 << 30, allocator);
          MergeOutcome.Merged merged = merged(table, parts, seed + "-0", options, allocator);
          assertThat(merged.proof().fault(table.io(), merged.files(), options)).isEmpty();
          for (int i = 1; i < 6; i++) {
            List<Record> part = new ArrayList<>(parts.get(random.nextInt(3)));
            int from = random.nextInt(100);
            int to = random.nextInt(100);
            if (part.get(from).equals(part.get(to))) {
              continue;
            }
            List<List<Record>> changed = new ArrayList<>(parts);
            changed.set(parts.indexOf(part), part);
            Collections.swap(part, from, to);
            MergeOutcome.Merged other = merged(table, changed, seed + "-" + i, options, allocator);
            assertThat(merged.proof().fault(table.io(), other.files(), options))
                .as("rows %d and %d of seed %d", from, to, seed)
                .hasValueSatisfying(
                    fault -> assertThat(fault).contains(other.files().get(0).location()));
          }
          MergeOutcome.Merged fewer =
              merged(
                  table,
                  List.of(parts.get(0), parts.get(1), parts.get(2).subList(0, 99)),
                  seed + "-fewer",
                  options,
                  allocator);
          assertThat(merged.proof().fault(table.io(), fewer.files(), options)).isPresent();
        });
  }

  private MergeOutcome.Merged merged(
      Table table,
      List<List<Record>> parts,
      String name,
      MergeOptions options,
      BufferAllocator allocator) {
    ParquetSettings settings = ParquetSettings.of(table.properties(), MetricsConfig.getDefault());
    List<Path> paths = new ArrayList<>();
    List<Long> counts = new ArrayList<>();
    for (List<Record> rows : parts) {
      Path path = temp.resolve("p" + name + "-" + paths.size() + ".parquet");
      FirnFiles.write(
          Files.localOutput(path.toFile()),
          new GeneratedTable(0, table.schema(), rows),
          settings,
          new Random(1),
          allocator);
      paths.add(path);
      counts.add((long) rows.size());
    }
    List<FileScanTask> tasks = LocalTable.tasks(table, paths, counts);
    return (MergeOutcome.Merged) PageMerge.merge(table, table.spec(), tasks, options);
  }

  /** Bytes of a source that are not what was written are found, whatever is done with them. */
  @Test
  void aDamagedSourceIsNamedAndNothingStays(BufferAllocator allocator) throws IOException {
    RandomTables tables = new RandomTables(1, RandomTables.COMMON);
    Table table = table(tables.flatTable(1), new Random(1));
    List<Path> paths = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Path path = temp.resolve("d" + i + ".parquet");
      FirnFiles.write(
          Files.localOutput(path.toFile()),
          tables.table(table.schema(), 100),
          ParquetSettings.of(table.properties(), MetricsConfig.getDefault()),
          new Random(1),
          allocator);
      paths.add(path);
    }
    byte[] bytes = java.nio.file.Files.readAllBytes(paths.get(1));
    bytes[100] ^= 4;
    java.nio.file.Files.write(paths.get(1), bytes);
    List<FileScanTask> tasks = LocalTable.tasks(table, paths, List.of(100L, 100L, 100L));
    Set<String> left = new HashSet<>();
    FileRegistrar registrar =
        new FileRegistrar() {
          @Override
          public void creating(List<String> locations) {
            left.addAll(locations);
          }

          @Override
          public void removed(Collection<String> locations) {
            left.removeAll(locations);
          }
        };
    MergeOptions options = new MergeOptions(1 << 20, allocator, Runnable::run, 0, registrar);
    assertThatThrownBy(() -> PageMerge.merge(table, table.spec(), tasks, options))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("d1.parquet");
    assertThat(left).isEmpty();
  }

  @Test
  void filesComeOutNearTheirTarget(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            NestedField.required(1, "id", Types.LongType.get()),
            NestedField.required(2, "text", Types.StringType.get()));
    Table table = LocalTable.of(temp.resolve("target"), schema, Map.of());
    Random random = new Random(3);
    List<Path> paths = new ArrayList<>();
    List<Long> counts = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      List<Record> rows = new ArrayList<>();
      for (int row = 0; row < 300; row++) {
        Record record = GenericRecord.create(table.schema());
        record.set(0, random.nextLong());
        record.set(1, Long.toHexString(random.nextLong()) + random.nextInt());
        rows.add(record);
      }
      Path path = temp.resolve("t" + i + ".parquet");
      IcebergFiles.write(path, new GeneratedTable(i, table.schema(), rows), new Random(8));
      paths.add(path);
      counts.add(300L);
    }
    long target = 120_000;
    MergeOutcome outcome =
        PageMerge.merge(
            table,
            table.spec(),
            LocalTable.tasks(table, paths, counts),
            new MergeOptions(target, allocator));
    List<DataFile> files = ((MergeOutcome.Merged) outcome).files();
    assertThat(files).hasSizeGreaterThan(3);
    assertThat(files.subList(0, files.size() - 1))
        .allSatisfy(
            file -> assertThat((double) file.fileSizeInBytes() / target).isBetween(0.95, 1.05));
  }
}
