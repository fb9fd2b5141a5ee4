package dev.firn.format.parquet.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.RandomRows;
import dev.firn.format.arrow.Shown;
import dev.firn.testing.ArrowLeakCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(ArrowLeakCheck.class)
class WriterSizesTest {
  private static final long SEED = Long.getLong("firn.seed", 12);
  private static final Schema EVENTS =
      new Schema(
          required(1, "id", Types.LongType.get()),
          required(2, "kind", Types.StringType.get()),
          optional(3, "amount", Types.DoubleType.get()),
          optional(4, "text", Types.StringType.get()),
          optional(5, "tags", Types.ListType.ofRequired(6, Types.StringType.get())));

  private static List<Record> events(int count) {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Record row = GenericRecord.create(EVENTS);
      row.set(0, 1_000_000_000L + random.nextInt(1 << 30));
      row.set(1, "kind-" + random.nextInt(40));
      row.set(2, random.nextInt(5) == 0 ? null : random.nextInt(100_000) / 100.0);
      StringBuilder text = new StringBuilder();
      for (int w = random.nextInt(30); w > 0; w--) {
        text.append("word").append(random.nextInt(5000)).append(' ');
      }
      row.set(3, text.toString());
      row.set(4, List.of("tag" + random.nextInt(9), "tag" + random.nextInt(900)));
      rows.add(row);
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(ints = {40_000, 65_000, 100_000})
  void theLengthIsKnownWhileRowsAreWritten(int count, BufferAllocator allocator) {
    List<Record> rows = events(count);
    OutputFile target = WrittenFile.target();
    ParquetSettings settings =
        WrittenFile.settings("write.parquet.row-group-size-bytes", "6000000");
    try (ParquetWriter writer = ParquetWriter.create(target, EVENTS, settings, allocator);
        ArrowBatchBuilder builder = new ArrowBatchBuilder(EVENTS, allocator)) {
      for (int i = 0; i < count; i += 5000) {
        rows.subList(i, i + 5000).forEach(builder::add);
        writer.write(builder.finish());
        builder.clear();
      }
      long estimate = writer.length();
      writer.finish();
      long length = target.toInputFile().getLength();
      assertThat(writer.length()).isEqualTo(length);
      assertThat((double) estimate / length).isCloseTo(1, within(0.04));
    }
  }

  @Test
  void rowGroupsEndAtTheirSize(BufferAllocator allocator) {
    WrittenFile file =
        WrittenFile.ours(
            EVENTS,
            events(60_000),
            1000,
            WrittenFile.settings(
                "write.parquet.row-group-size-bytes",
                "700000",
                "write.parquet.page-row-limit",
                "500"),
            allocator);
    assertThat(file.splits()).hasSizeBetween(3, 9);
    long start = 4;
    for (int i = 1; i < file.splits().size(); i++) {
      long bytes = file.splits().get(i) - start;
      assertThat(bytes).isBetween(500_000L, 760_000L);
      start = file.splits().get(i);
    }
  }

  @Test
  void threadsMakeTheSameFile(BufferAllocator allocator) throws Exception {
    RandomRows random = new RandomRows(new Random(SEED));
    Schema schema = random.flatSchema();
    List<Record> rows = random.rows(schema, 3000);
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      rows.forEach(builder::add);
      VectorSchemaRoot batch = builder.finish();
      byte[] alone = write(schema, batch, Runnable::run, 0, allocator);
      assertThat(write(schema, batch, pool, 3, allocator)).isEqualTo(alone);
      pool.shutdown();
      // A closed executor takes no tasks: the calling thread does them.
      assertThat(write(schema, batch, pool, 3, allocator)).isEqualTo(alone);
      // Neither does one that never gets to them.
      assertThat(write(schema, batch, task -> {}, 3, allocator)).isEqualTo(alone);
    } finally {
      pool.shutdownNow();
    }
  }

  private static byte[] write(
      Schema schema,
      VectorSchemaRoot batch,
      Executor executor,
      int threads,
      BufferAllocator allocator)
      throws Exception {
    OutputFile target = WrittenFile.target();
    ParquetSettings settings = WrittenFile.settings("write.parquet.page-row-limit", "100");
    try (ParquetWriter writer =
        ParquetWriter.create(target, schema, settings, allocator, executor, threads)) {
      writer.write(batch);
      writer.write(batch, 7, 1000);
      writer.finish();
    }
    try (var in = target.toInputFile().newStream()) {
      return in.readAllBytes();
    }
  }

  @Test
  void aFailureInAThreadReachesTheCaller(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            required(1, "a", Types.LongType.get()),
            required(2, "b", Types.LongType.get()),
            required(3, "c", Types.LongType.get()));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator);
        ParquetWriter writer =
            ParquetWriter.create(
                WrittenFile.target(), schema, WrittenFile.settings(), allocator, pool, 2)) {
      for (int i = 0; i < 100; i++) {
        Record row = GenericRecord.create(schema);
        row.set(0, 1L);
        row.set(1, 2L);
        row.set(2, i == 50 ? null : 3L);
        builder.add(row);
      }
      VectorSchemaRoot batch = builder.finish();
      assertThatThrownBy(() -> writer.write(batch))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("required column c is null in row 50");
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void rowsOfManyElementsComeBackEqual(BufferAllocator allocator) {
    List<Record> rows = new ArrayList<>();
    Random random = new Random(SEED);
    for (int i = 0; i < 50; i++) {
      Record row = GenericRecord.create(EVENTS);
      row.set(0, (long) i);
      row.set(1, "k");
      List<String> tags = new ArrayList<>();
      for (int t = i == 25 ? 400_000 : random.nextInt(9000); t > 0; t--) {
        tags.add("tag" + random.nextInt(50_000));
      }
      row.set(4, tags);
      rows.add(row);
    }
    WrittenFile file = WrittenFile.ours(EVENTS, rows, 20, WrittenFile.settings(), allocator);
    assertThat(Shown.all(file.rows(EVENTS))).isEqualTo(Shown.all(rows));
  }
}
