package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ArrowLeakCheck;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.schema.PrimitiveType;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(ArrowLeakCheck.class)
class ColumnChunkTest {
  private static final long SEED = Long.getLong("firn.pages.seed", 7);
  private static final int[] SIZES = {0, 1, 7, 8, 9, 31, 33, 127, 129, 1000, 5000, 12_000};

  static Stream<Arguments> kinds() {
    return RandomChunk.kinds().stream().map(kind -> Arguments.of(kind.getKey(), kind.getValue()));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatParquetJavaEncodesComesBack(
      PrimitiveType type, Encoding encoding, BufferAllocator allocator) {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED + type.toString().hashCode() * 31L + encoding.ordinal());
    for (int size : SIZES) {
      for (int round = 0; round < 2; round++) {
        RandomChunk chunk = new RandomChunk(type, encoding, size, random, allocator);
        read(chunk, size, random, allocator);
      }
    }
  }

  /** Reads pages by random calls, some not at all, and then again by their offsets. */
  private static void read(
      RandomChunk expected, int size, Random random, BufferAllocator allocator) {
    MixedReads reads = new MixedReads(random, allocator);
    byte[] stored = expected.chunk.bytes();
    ChunkSpec spec = expected.chunk.spec(Conversion.NONE);
    int shift = random.nextInt(20);
    try (ArrowBuf buffer = allocator.buffer(shift + stored.length)) {
      buffer.setBytes(shift, stored);
      try (ColumnChunk pages = ColumnChunk.open(spec, buffer, shift, stored.length, allocator)) {
        for (int page = 0; page < RandomChunk.PAGES && size > 0; page++) {
          assertThat(pages.nextPage()).isTrue();
          assertThat(pages.entries()).isEqualTo(size);
          if (random.nextInt(5) > 0) {
            readPage(pages, expected, page, reads);
          }
        }
        assertThat(pages.nextPage()).isFalse();
        for (int page = RandomChunk.PAGES - 1; page >= 0; page--) {
          pages.seekPage(expected.chunk.offsets().get(page), Long.MAX_VALUE);
          readPage(pages, expected, page, reads);
        }
      }
    }
  }

  private static void readPage(
      ColumnChunk pages, RandomChunk expected, int page, MixedReads reads) {
    int maxRepetition = expected.column.getMaxRepetitionLevel();
    int maxDefinition = expected.column.getMaxDefinitionLevel();
    reads.levels(pages.repetition(), expected.repetitions.get(page), maxRepetition);
    reads.levels(pages.definition(), expected.definitions.get(page), maxDefinition);
    reads.values(pages.values(), expected.values.get(page), expected.entries);
  }
}
