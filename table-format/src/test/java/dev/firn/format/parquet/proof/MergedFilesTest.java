package dev.firn.format.parquet.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.Shown;
import dev.firn.format.merge.MergeOptions;
import dev.firn.format.merge.MergeOutcome;
import dev.firn.format.merge.PageMerge;
import dev.firn.format.write.FileRegistrar;
import dev.firn.testing.ArrowLeakCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Files;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.Record;
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

  private static final int ROUNDS = 12;

  @TempDir Path temp;

  /** What was merged, and what came out. */
  private record Merge(Table table, List<Record> rows, MergeOutcome outcome) {
    List<Path> files() {
      return ((MergeOutcome.Merged) outcome)
          .files().stream().map(file -> Path.of(file.location())).toList();
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
      return new Merge(table, all, PageMerge.merge(table, table.spec(), tasks, options));
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
          long counted =
              ((MergeOutcome.Merged) merge.outcome())
                  .files().stream().mapToLong(DataFile::recordCount).sum();
          assertThat(counted).isEqualTo(expected.size());
        });
    assertThat(refused).as("merges refused").hasSizeLessThan(ROUNDS);
  }
}
