package dev.firn.format.parquet.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.RandomRows;
import dev.firn.format.arrow.Shown;
import dev.firn.testing.ArrowLeakCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.schema.InvalidSchemaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Random schemas and rows, written by Iceberg, must come out as they went in. */
@ExtendWith(ArrowLeakCheck.class)
class ReaderDifferentialTest {
  private static final long SEED = Long.getLong("firn.seed", 20261121L);
  private static final int SCHEMAS = Integer.getInteger("firn.reader.schemas", 60);

  @TempDir Path folder;

  @Test
  void readsEveryPrimitiveTypeAsIcebergDoes(BufferAllocator allocator) {
    RandomRows random = new RandomRows(new Random(SEED));
    Schema schema = random.flatSchema();
    List<Record> rows = random.rows(schema, 3000);
    InputFile file = ParquetFiles.write(schema, rows, ParquetFiles.small(1000, 300));

    assertThat(ParquetFiles.read(file, schema, allocator)).isEqualTo(Shown.all(rows));
  }

  @Test
  void readsRandomNestedSchemas(BufferAllocator allocator) {
    for (int i = 0; i < SCHEMAS; i++) {
      check(SEED + i, allocator);
    }
  }

  private void check(long seed, BufferAllocator allocator) {
    Random choices = new Random(seed);
    RandomRows random = new RandomRows(choices);
    Schema schema = storable(random);
    List<Record> rows = random.rows(schema, 1 + choices.nextInt(700));
    Map<String, String> properties =
        choices.nextBoolean()
            ? new HashMap<>()
            : ParquetFiles.small(20 + choices.nextInt(300), 5 + choices.nextInt(200));
    properties.put(
        "write.parquet.compression-codec",
        List.of("zstd", "snappy", "gzip", "uncompressed").get(choices.nextInt(4)));
    properties.put("write.parquet.page-version", choices.nextBoolean() ? "v1" : "v2");
    InputFile made = ParquetFiles.write(schema, rows, properties);
    InputFile file = choices.nextBoolean() ? made : ParquetFiles.local(made, folder);
    List<Object> expected = Shown.all(rows);
    int batchRows = 1 + choices.nextInt(300);

    assertThat(ParquetFiles.read(file, schema, b -> b.batchRows(batchRows), allocator))
        .as("seed %d, schema %s", seed, schema)
        .isEqualTo(expected);

    PositionDeleteIndex deletes = Positions.random(choices, rows.size());
    List<Object> live = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      if (!deletes.isDeleted(row)) {
        live.add(expected.get(row));
      }
    }
    assertThat(
            ParquetFiles.read(
                file, schema, b -> b.batchRows(batchRows).deletes(deletes), allocator))
        .as("seed %d with deletes, schema %s", seed, schema)
        .isEqualTo(live);

    Schema some = columns(schema, choices);
    long length = choices.nextBoolean() ? made.getLength() : SourceFile.UNKNOWN_LENGTH;
    int tail = 100 + choices.nextInt(6000);
    assertThat(
            ParquetFiles.read(
                new RemoteFile(made, seed),
                some,
                b -> b.batchRows(batchRows).deletes(deletes).length(length).tailBytes(tail),
                allocator))
        .as("seed %d from a store, columns %s of %s", seed, some, schema)
        .isEqualTo(
            ParquetFiles.read(file, some, b -> b.batchRows(batchRows).deletes(deletes), allocator));
  }

  private static Schema columns(Schema schema, Random choices) {
    List<NestedField> columns = new ArrayList<>();
    schema.columns().stream().filter(column -> choices.nextInt(3) > 0).forEach(columns::add);
    Collections.shuffle(columns, choices);
    return new Schema(columns);
  }

  /** Iceberg's writer refuses lists, maps and structs of nothing but unknown. */
  private static Schema storable(RandomRows random) {
    while (true) {
      Schema schema = random.schema();
      try {
        ParquetSchemaUtil.convert(schema, "table");
        return schema;
      } catch (IllegalArgumentException | InvalidSchemaException e) {
        // tried again
      }
    }
  }

  @Test
  void readsLocalFilesThroughAWindow(BufferAllocator allocator) {
    RandomRows random = new RandomRows(new Random(SEED));
    Schema schema = random.flatSchema();
    List<Record> rows = random.rows(schema, 60_000);
    InputFile file =
        ParquetFiles.local(
            ParquetFiles.write(schema, rows, Map.of("write.parquet.page-row-limit", "7000")),
            folder);
    List<Object> expected = Shown.all(rows);

    assertThat(file.getLength()).isGreaterThan(4 << 20);
    assertThat(ParquetFiles.read(file, schema, allocator)).isEqualTo(expected);
    assertThat(
            ParquetFiles.read(file, schema, b -> b.deletes(Positions.runs(rows.size())), allocator))
        .isEqualTo(expected.subList(30_000, 30_100));
  }

  @Test
  void readsTheSameOnAnyNumberOfThreads(BufferAllocator allocator) {
    RandomRows random = new RandomRows(new Random(SEED));
    Schema schema = random.flatSchema();
    List<Record> rows = random.rows(schema, 3000);
    InputFile file = ParquetFiles.write(schema, rows, ParquetFiles.small(700, 100));
    List<Object> expected = Shown.all(rows);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      for (int threads : new int[] {0, 1, 2, 4}) {
        assertThat(
                ParquetFiles.read(
                    file, schema, b -> b.batchRows(256).executor(pool, threads), allocator))
            .as("%d threads", threads)
            .isEqualTo(expected);
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(ParquetFiles.read(file, schema, b -> b.executor(Runnable::run, 4), allocator))
        .as("an executor that runs in the call")
        .isEqualTo(expected);
    assertThat(ParquetFiles.read(file, schema, b -> b.executor(task -> {}, 4), allocator))
        .as("an executor that never runs anything")
        .isEqualTo(expected);
  }
}
