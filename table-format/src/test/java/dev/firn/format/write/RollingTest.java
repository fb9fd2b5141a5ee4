package dev.firn.format.write;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files end near the size asked for, whatever the data. */
class RollingTest {
  private static final long SEED = Long.getLong("firn.test.seed", 41);
  private static final long MB = 1 << 20;

  private final BufferAllocator allocator = new RootAllocator(1L << 30);

  @AfterEach
  void everyBufferIsReleased() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  /** The text of the n-th row. */
  private interface Texts {
    byte[] text(Random random, int row);
  }

  private static byte[] noise(Random random, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (' ' + random.nextInt(90));
    }
    return bytes;
  }

  static Stream<Arguments> data() {
    Texts incompressible = (random, row) -> noise(random, 60);
    Texts repeated =
        (random, row) ->
            ("customer number " + random.nextInt(1_000_000) + " of a long list of customers")
                .getBytes(StandardCharsets.UTF_8);
    Texts few = (random, row) -> ("v" + random.nextInt(2000)).getBytes(StandardCharsets.UTF_8);
    Texts skewed = (random, row) -> noise(random, random.nextInt(500) == 0 ? 20_000 : 10);
    Texts growing = (random, row) -> noise(random, row / 2000);
    return Stream.of(
        Arguments.of("incompressible", incompressible, 1, 200_000),
        Arguments.of("incompressible", incompressible, 8, 600_000),
        Arguments.of("repeated", repeated, 1, 400_000),
        Arguments.of("repeated", repeated, 4, 1_000_000),
        Arguments.of("few", few, 1, 2_000_000),
        Arguments.of("skewed", skewed, 1, 150_000),
        Arguments.of("skewed", skewed, 4, 400_000),
        Arguments.of("growing", growing, 2, 200_000));
  }

  @ParameterizedTest(name = "{0} at {2} MB")
  @MethodSource("data")
  void filesAreWithinFivePercentOfTheTarget(String name, Texts texts, int megabytes, int count) {
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()), optional(2, "text", Types.StringType.get()));
    long target = megabytes * MB;
    Table table =
        Tables.create(
            schema, PartitionSpec.unpartitioned(), "write.target-file-size-bytes", "" + target);
    Random random = new Random(SEED);
    List<DataFile> files;
    AtomicInteger next = new AtomicInteger();
    try (DataWriter writer =
        DataWriter.open(table, WriteOptions.OF_TABLE.withAllocator(allocator))) {
      while (next.get() < count) {
        write(writer, texts, random, next, Math.min(10_000, count - next.get()));
      }
      files = writer.complete();
    }
    assertThat(files.stream().mapToLong(DataFile::recordCount).sum()).isEqualTo(count);
    assertThat(files.size()).isGreaterThan(1);
    assertThat(files.subList(0, files.size() - 1))
        .allSatisfy(
            f ->
                assertThat(f.fileSizeInBytes())
                    .as("seed %s", SEED)
                    .isBetween(target * 95 / 100, target * 105 / 100));
    assertThat(files.get(files.size() - 1).fileSizeInBytes()).isLessThan(target * 105 / 100);
  }

  private void write(DataWriter writer, Texts texts, Random random, AtomicInteger next, int rows) {
    try (BigIntVector ids = new BigIntVector("id", allocator);
        VarCharVector text = new VarCharVector("text", allocator)) {
      for (int i = 0; i < rows; i++) {
        int row = next.getAndIncrement();
        ids.setSafe(i, row);
        text.setSafe(i, texts.text(random, row));
      }
      ids.setValueCount(rows);
      text.setValueCount(rows);
      writer.write(VectorSchemaRoot.of(ids, text));
    }
  }
}
