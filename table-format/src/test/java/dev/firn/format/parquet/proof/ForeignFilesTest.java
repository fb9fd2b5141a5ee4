package dev.firn.format.parquet.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ArrowLeakCheck;
import java.nio.file.Path;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files of random tables that Iceberg, parquet-java and DuckDB wrote, read by the reader. */
@ExtendWith(ArrowLeakCheck.class)
class ForeignFilesTest {
  @TempDir Path temp;

  @Test
  void icebergsAreRead(BufferAllocator allocator) {
    Rounds.run(
        15,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.ALL).table();
          Path file = temp.resolve(seed + ".parquet");
          IcebergFiles.write(file, table, new Random(seed));
          assertThat(FirnFiles.read(file, table.schema(), allocator))
              .as(table.toString())
              .isEqualTo(table.shown());
        });
  }

  @Test
  void everyEncodingIsRead(BufferAllocator allocator) {
    Rounds.run(
        30,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.ALL).table();
          Path file = temp.resolve(seed + ".parquet");
          EncodedFiles.write(file, table, EncodedFiles.Layout.random(new Random(seed)));
          assertThat(FirnFiles.read(file, table.schema(), allocator))
              .as(table.toString())
              .isEqualTo(table.shown());
        });
  }

  @Test
  void everyEncodingOfEveryFlatTypeIsRead(BufferAllocator allocator) {
    Rounds.run(
        5,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.ALL).flatTable();
          Path file = temp.resolve(seed + ".parquet");
          EncodedFiles.write(file, table, EncodedFiles.Layout.random(new Random(seed)));
          assertThat(FirnFiles.read(file, table.schema(), allocator))
              .as(table.toString())
              .isEqualTo(table.shown());
        });
  }

  /** With field ids and without, when columns are found by name. */
  @Test
  void duckDbsAreRead(BufferAllocator allocator) {
    try (DuckDb duck = DuckDb.open()) {
      Rounds.run(
          15,
          seed -> {
            GeneratedTable table = new RandomTables(seed, RandomTables.COMMON).table();
            Path copied = temp.resolve(seed + ".iceberg.parquet");
            Path file = temp.resolve(seed + ".parquet");
            Random random = new Random(seed);
            IcebergFiles.write(copied, table, random);
            duck.copy(copied, file, table.schema(), random);
            assertThat(FirnFiles.read(file, table.schema(), allocator))
                .as(table.toString())
                .isEqualTo(table.shown());
          });
    }
  }
}
