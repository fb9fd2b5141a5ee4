package dev.firn.format.parquet.proof;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.arrow.Shown;
import dev.firn.format.parquet.read.ParquetReader;
import dev.firn.format.parquet.write.ParquetSettings;
import dev.firn.format.parquet.write.ParquetWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Files;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** The reader and writer under test. */
final class FirnFiles {
  private FirnFiles() {}

  /** Rows of {@code projection} as the reader gives them, shown. */
  static List<Object> read(
      InputFile file,
      Schema projection,
      UnaryOperator<ParquetReader.Builder> options,
      BufferAllocator allocator) {
    List<Object> rows = new ArrayList<>();
    ParquetReader.Builder builder = options.apply(ParquetReader.of(file, projection));
    try (ParquetReader reader = builder.open(allocator)) {
      while (reader.next()) {
        int before = rows.size();
        rows.addAll(Shown.all(ArrowRows.rows(reader.root(), projection, reader.dictionaries())));
        if (rows.size() == before) {
          throw new AssertionError("An empty batch came before the end of " + file.location());
        }
      }
    }
    return rows;
  }

  static List<Object> read(Path file, Schema projection, BufferAllocator allocator) {
    return read(Files.localInput(file.toFile()), projection, UnaryOperator.identity(), allocator);
  }

  /** Writes the rows in batches of random sizes, some of them slices, at times on two threads. */
  static void write(
      OutputFile file,
      GeneratedTable table,
      ParquetSettings settings,
      Random random,
      BufferAllocator allocator) {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    int parallel = random.nextInt(4) == 0 ? 2 : 0;
    try (ParquetWriter writer =
            ParquetWriter.create(file, table.schema(), settings, allocator, threads, parallel);
        ArrowBatchBuilder batch = new ArrowBatchBuilder(table.schema(), allocator)) {
      int most = 1 + random.nextInt(random.nextBoolean() ? 10 : 3000);
      List<Record> rows = table.rows();
      for (int from = 0; from < rows.size(); from += most) {
        rows.subList(from, Math.min(rows.size(), from + most)).forEach(batch::add);
        int split = random.nextInt(batch.rows() + 1);
        int count = batch.rows();
        writer.write(batch.finish(), 0, split);
        writer.write(batch.finish(), split, count - split);
        batch.clear();
        if (random.nextInt(50) == 0) {
          writer.endRowGroup();
        }
      }
      writer.finish();
    } finally {
      threads.shutdown();
    }
  }

  /** Random settings, small pages and row groups among them. */
  static ParquetSettings settings(Schema schema, Random random) {
    CompressionCodecName codec =
        EncodedFiles.CODECS.get(random.nextInt(EncodedFiles.CODECS.size()));
    Map<String, Double> blooms = new HashMap<>();
    schema.columns().stream()
        .filter(f -> f.type().isPrimitiveType() && random.nextInt(4) == 0)
        .filter(f -> hashes(f.type().typeId().name()))
        .forEach(f -> blooms.put(f.name(), 0.01));
    Set<String> unmeasured =
        schema.columns().stream()
            .filter(f -> random.nextInt(10) == 0)
            .map(NestedField::name)
            .collect(Collectors.toSet());
    return new ParquetSettings(
        codec,
        null,
        random.nextBoolean() ? 30_000 : 128L << 20,
        random.nextBoolean() ? 300 : 1 << 20,
        random.nextBoolean() ? 50 : 20_000,
        random.nextBoolean() ? WriterVersion.PARQUET_1_0 : WriterVersion.PARQUET_2_0,
        List.of(0, 400, 2 << 20).get(random.nextInt(3)),
        blooms,
        1 << 16,
        unmeasured,
        MetricsConfig.getDefault(),
        Map.of());
  }

  /** Parquet has no bloom filters of booleans; those of an unknown have no column. */
  private static boolean hashes(String type) {
    return !type.equals("BOOLEAN") && !type.equals("UNKNOWN");
  }
}
