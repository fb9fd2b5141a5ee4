package dev.firn.format.parquet.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.Shown;
import dev.firn.testing.ArrowLeakCheck;
import java.nio.file.Path;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files that the writer makes of random tables, read by Iceberg, by DuckDB and by the reader. */
@ExtendWith(ArrowLeakCheck.class)
class WrittenFilesTest {
  @TempDir Path temp;

  private Path write(GeneratedTable table, BufferAllocator allocator) {
    Random random = new Random(table.seed());
    Path file = temp.resolve(table.seed() + "-" + table.rows().size() + ".parquet");
    FirnFiles.write(
        Files.localOutput(file.toFile()),
        table,
        FirnFiles.settings(table.schema(), random),
        random,
        allocator);
    return file;
  }

  @Test
  void icebergReadsThem(BufferAllocator allocator) {
    Rounds.run(
        25,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.ALL).table();
          Path file = write(table, allocator);
          assertThat(Shown.all(IcebergFiles.read(file, table.schema())))
              .as(table.toString())
              .isEqualTo(table.shown());
        });
  }

  @Test
  void duckDbReadsThem(BufferAllocator allocator) {
    try (DuckDb duck = DuckDb.open()) {
      Rounds.run(
          25,
          seed -> {
            GeneratedTable table = new RandomTables(seed, RandomTables.COMMON).table();
            Path file = write(table, allocator);
            assertThat(duck.read(file, table.schema(), allocator))
                .as(table.toString())
                .isEqualTo(DuckDb.shown(table));
          });
    }
  }

  @Test
  void weReadThem(BufferAllocator allocator) {
    Rounds.run(
        25,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.ALL).table();
          Path file = write(table, allocator);
          assertThat(FirnFiles.read(file, table.schema(), allocator))
              .as(table.toString())
              .isEqualTo(table.shown());
        });
  }

  @Test
  void allReadEveryFlatType(BufferAllocator allocator) {
    Rounds.run(
        3,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.ALL).flatTable();
          Path file = write(table, allocator);
          assertThat(FirnFiles.read(file, table.schema(), allocator))
              .as(table.toString())
              .isEqualTo(table.shown());
          assertThat(Shown.all(IcebergFiles.read(file, table.schema())))
              .as(table.toString())
              .isEqualTo(table.shown());
        });
  }

  @Test
  void aFileWithoutRowsIsAFile(BufferAllocator allocator) {
    GeneratedTable table =
        new RandomTables(1, RandomTables.COMMON)
            .table(new RandomTables(1, RandomTables.COMMON).table().schema(), 0);
    Path file = write(table, allocator);
    assertThat(FirnFiles.read(file, table.schema(), allocator)).isEmpty();
    assertThat(IcebergFiles.read(file, table.schema())).isEmpty();
    try (DuckDb duck = DuckDb.open()) {
      assertThat(duck.read(file, table.schema(), allocator)).isEmpty();
    }
  }
}
