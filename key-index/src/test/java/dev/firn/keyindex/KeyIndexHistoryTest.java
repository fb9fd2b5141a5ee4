package dev.firn.keyindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ArrowLeakCheck;
import dev.firn.testing.TableFixture;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of tables, looked up against a model in memory. {@code -Dfirn.keyindex.seed}
 * runs one of them again.
 */
@ExtendWith(ArrowLeakCheck.class)
class KeyIndexHistoryTest {
  private static final int STEPS = 24;

  private final TableFixture fixture = TableFixture.open();
  @TempDir Path directory;

  @AfterEach
  void close() {
    fixture.close();
  }

  static Stream<Arguments> histories() {
    Type integer = Types.IntegerType.get();
    Type text = Types.StringType.get();
    return Stream.of(
        Arguments.of(2, false, Types.LongType.get(), null, false),
        Arguments.of(3, false, Types.LongType.get(), null, false),
        Arguments.of(2, true, integer, integer, false),
        Arguments.of(3, true, integer, integer, true),
        Arguments.of(2, false, text, null, true),
        Arguments.of(3, true, text, integer, true),
        Arguments.of(3, true, integer, text, false),
        Arguments.of(2, true, text, Types.UUIDType.get(), false));
  }

  @ParameterizedTest
  @MethodSource("histories")
  void everyKeyIsFoundWhereItIsLive(
      int version,
      boolean partitioned,
      Type first,
      Type second,
      boolean colliding,
      BufferAllocator allocator) {
    Schema schema = History.schema(first, second);
    PartitionSpec spec =
        partitioned
            ? PartitionSpec.builderFor(schema).bucket("k1", 3).build()
            : PartitionSpec.unpartitioned();
    long seed = Long.getLong("firn.keyindex.seed", 20_260_101L + version);
    KeyIndexOptions options =
        KeyIndexOptions.defaults()
            .withDirectory(directory)
            .withMemoryBytes(colliding ? 0 : 1 << 20);
    History history =
        new History(
            fixture.create(schema, spec, version),
            new Random(seed),
            allocator,
            options,
            colliding ? hash -> hash & 0xF000_0000_0000_0001L : hash -> hash);
    try (history) {
      for (int step = 0; step < STEPS; step++) {
        history.step("seed " + seed + ", step " + step);
      }
    }
    assertThat(directory.toFile().list()).isEmpty();
  }
}
