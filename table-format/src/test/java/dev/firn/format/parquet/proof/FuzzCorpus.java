package dev.firn.format.parquet.proof;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Small sound files of every encoding, codec, page version and nesting: what fuzzing starts from.
 */
final class FuzzCorpus {
  /** A sound file and its rows. */
  record Sample(String name, GeneratedTable table, byte[] bytes) {}

  private FuzzCorpus() {}

  static List<Sample> make(Path folder, BufferAllocator allocator) {
    List<Sample> samples = new ArrayList<>();
    for (int seed = 1; seed <= 16; seed++) {
      Random random = new Random(seed);
      RandomTables tables = new RandomTables(seed, RandomTables.ALL);
      GeneratedTable table = seed % 4 == 0 ? tables.flatTable(60) : tables.table(200);
      Path file = folder.resolve("encoded" + seed);
      EncodedFiles.write(file, table, EncodedFiles.Layout.random(random));
      samples.add(sample(file, table));
    }
    for (int seed = 101; seed <= 104; seed++) {
      GeneratedTable table = new RandomTables(seed, RandomTables.ALL).table(200);
      Path file = folder.resolve("iceberg" + seed);
      IcebergFiles.write(file, table, new Random(seed));
      samples.add(sample(file, table));
    }
    for (int seed = 201; seed <= 206; seed++) {
      Random random = new Random(seed);
      RandomTables tables = new RandomTables(seed, RandomTables.ALL);
      GeneratedTable table = seed % 3 == 0 ? tables.flatTable(60) : tables.table(200);
      Path file = folder.resolve("firn" + seed);
      FirnFiles.write(
          org.apache.iceberg.Files.localOutput(file.toFile()),
          table,
          FirnFiles.settings(table.schema(), random),
          random,
          allocator);
      samples.add(sample(file, table));
    }
    return samples;
  }

  private static Sample sample(Path file, GeneratedTable table) {
    return new Sample(file.getFileName().toString(), table, ParquetImage.bytes(file));
  }
}
