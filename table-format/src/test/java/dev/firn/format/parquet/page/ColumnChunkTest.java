package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ArrowLeakCheck;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(ArrowLeakCheck.class)
class ColumnChunkTest {
  private static final long SEED = Long.getLong("firn.pages.seed", 7);
  private static final int[] SIZES = {0, 1, 7, 8, 9, 31, 33, 127, 129, 1000, 5000, 20_000};
  private static final CompressionCodecName[] CODECS = {
    CompressionCodecName.UNCOMPRESSED,
    CompressionCodecName.SNAPPY,
    CompressionCodecName.GZIP,
    CompressionCodecName.ZSTD,
    CompressionCodecName.LZ4_RAW
  };

  static Stream<Arguments> encodings() {
    List<Arguments> all = new ArrayList<>();
    for (PrimitiveTypeName type : PrimitiveTypeName.values()) {
      add(all, type, Encoding.PLAIN);
      if (type != PrimitiveTypeName.BOOLEAN) {
        add(all, type, Encoding.RLE_DICTIONARY);
      }
    }
    add(all, PrimitiveTypeName.BOOLEAN, Encoding.RLE);
    add(all, PrimitiveTypeName.INT32, Encoding.DELTA_BINARY_PACKED);
    add(all, PrimitiveTypeName.INT64, Encoding.DELTA_BINARY_PACKED);
    add(all, PrimitiveTypeName.BINARY, Encoding.DELTA_LENGTH_BYTE_ARRAY);
    add(all, PrimitiveTypeName.BINARY, Encoding.DELTA_BYTE_ARRAY);
    add(all, PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY, Encoding.DELTA_BYTE_ARRAY);
    add(all, PrimitiveTypeName.INT32, Encoding.BYTE_STREAM_SPLIT);
    add(all, PrimitiveTypeName.INT64, Encoding.BYTE_STREAM_SPLIT);
    add(all, PrimitiveTypeName.FLOAT, Encoding.BYTE_STREAM_SPLIT);
    add(all, PrimitiveTypeName.DOUBLE, Encoding.BYTE_STREAM_SPLIT);
    add(all, PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY, Encoding.BYTE_STREAM_SPLIT);
    return all.stream();
  }

  private static void add(List<Arguments> all, PrimitiveTypeName type, Encoding encoding) {
    if (type == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY) {
      for (int length : new int[] {1, 2, 5, 16, 33}) {
        all.add(Arguments.of(type(type, length), encoding));
      }
    } else {
      all.add(Arguments.of(type(type, 0), encoding));
    }
  }

  private static PrimitiveType type(PrimitiveTypeName name, int length) {
    return Types.primitive(name, Repetition.OPTIONAL).length(length).named("c");
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void whatParquetJavaEncodesComesBack(
      PrimitiveType type, Encoding encoding, BufferAllocator allocator) {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED + type.hashCode() * 31L + encoding.ordinal());
    for (int size : SIZES) {
      for (int round = 0; round < 4; round++) {
        roundTrip(type, encoding, size, random, allocator);
      }
    }
  }

  /**
   * Three pages of up to {@code size} values, each read by random calls, and some pages not at all.
   */
  private static void roundTrip(
      PrimitiveType type, Encoding encoding, int size, Random random, BufferAllocator allocator) {
    int maxRepetition = random.nextInt(3);
    int maxDefinition = random.nextInt(4);
    ColumnDescriptor column =
        new ColumnDescriptor(new String[] {"a", "b"}, type, maxRepetition, maxDefinition);
    TestChunk chunk =
        new TestChunk(
            column, CODECS[random.nextInt(CODECS.length)], random.nextBoolean(), allocator);
    List<short[]> repetitions = new ArrayList<>();
    List<short[]> definitions = new ArrayList<>();
    List<List<byte[]>> values = new ArrayList<>();
    List<byte[]> all = new RandomValues(random).values(type, 3 * size);
    Encoded encoded = Encoded.of(type, encoding, all);
    List<byte[]> entries = new ArrayList<>();
    if (encoding == Encoding.RLE_DICTIONARY) {
      entries = entries(type, encoded);
      chunk.dictionary(encoded.dictionary(), encoded.entries());
    }
    for (int page = 0; page < 3; page++) {
      short[] definition = levels(size, maxDefinition, random);
      short[] repetition = levels(size, maxRepetition, random);
      List<byte[]> present =
          all.subList(page * size, page * size + maxima(definition, maxDefinition));
      byte[] bytes =
          encoding == Encoding.RLE_DICTIONARY
              ? ids(present, entries, random)
              : Encoded.of(type, encoding, present).values();
      add(chunk, column, repetition, definition, bytes, encoding, random.nextBoolean());
      repetitions.add(repetition);
      definitions.add(definition);
      values.add(present);
      if (random.nextInt(3) == 0) {
        chunk.indexPage();
      }
    }
    MixedReads reads = new MixedReads(random, allocator);
    byte[] stored = chunk.bytes();
    int shift = random.nextInt(20);
    try (ArrowBuf buffer = allocator.buffer(shift + stored.length)) {
      buffer.setBytes(shift, stored);
      try (ColumnChunk pages =
          ColumnChunk.open(chunk.spec(Conversion.NONE), buffer, shift, stored.length, allocator)) {
        for (int page = 0; page < 3 && size > 0; page++) {
          assertThat(pages.nextPage()).isTrue();
          assertThat(pages.entries()).isEqualTo(size);
          if (random.nextInt(5) > 0) {
            reads.levels(pages.repetition(), repetitions.get(page), maxRepetition);
            reads.levels(pages.definition(), definitions.get(page), maxDefinition);
            reads.values(pages.values(), values.get(page), entries);
          }
        }
        assertThat(pages.nextPage()).isFalse();
        for (int page = 2; page >= 0; page--) {
          pages.seekPage(chunk.offsets().get(page));
          reads.values(pages.values(), values.get(page), entries);
        }
      }
    }
  }

  private static void add(
      TestChunk chunk,
      ColumnDescriptor column,
      short[] repetition,
      short[] definition,
      byte[] values,
      Encoding encoding,
      boolean v2) {
    byte[] repetitionBytes = section(repetition, column.getMaxRepetitionLevel());
    byte[] definitionBytes = section(definition, column.getMaxDefinitionLevel());
    org.apache.parquet.format.Encoding stored =
        org.apache.parquet.format.Encoding.valueOf(encoding.name());
    if (v2) {
      int nulls = definition.length - maxima(definition, column.getMaxDefinitionLevel());
      chunk.pageV2(definition.length, nulls, repetitionBytes, definitionBytes, values, stored);
      return;
    }
    byte[] levels =
        TestChunk.concat(
            column.getMaxRepetitionLevel() > 0
                ? TestChunk.withLength(repetitionBytes)
                : repetitionBytes,
            column.getMaxDefinitionLevel() > 0
                ? TestChunk.withLength(definitionBytes)
                : definitionBytes);
    chunk.pageV1(definition.length, levels, values, stored);
  }

  private static byte[] section(short[] levels, int max) {
    if (max == 0) {
      return new byte[0];
    }
    int[] numbers = new int[levels.length];
    Arrays.setAll(numbers, i -> levels[i]);
    return Encoded.runs(32 - Integer.numberOfLeadingZeros(max), numbers);
  }

  private static short[] levels(int count, int max, Random random) {
    short[] levels = new short[count];
    int run = 0;
    short level = (short) max;
    int longest = 1 + random.nextInt(random.nextInt(3) == 0 ? 2000 : 12);
    for (int i = 0; i < count; i++) {
      if (run == 0) {
        level = (short) random.nextInt(max + 1);
        run = 1 + random.nextInt(longest);
      }
      levels[i] = level;
      run--;
    }
    return levels;
  }

  private static int maxima(short[] levels, int max) {
    int maxima = 0;
    for (short level : levels) {
      maxima += level == max ? 1 : 0;
    }
    return maxima;
  }

  private static List<byte[]> entries(PrimitiveType type, Encoded encoded) {
    ByteBuffer in = ByteBuffer.wrap(encoded.dictionary()).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> entries = new ArrayList<>();
    for (int i = 0; i < encoded.entries(); i++) {
      byte[] entry =
          new byte
              [switch (type.getPrimitiveTypeName()) {
                case BINARY -> in.getInt();
                case INT96 -> 12;
                case FIXED_LEN_BYTE_ARRAY -> type.getTypeLength();
                case INT32, FLOAT -> 4;
                default -> 8;
              }];
      in.get(entry);
      entries.add(entry);
    }
    return entries;
  }

  // of a width larger than needed at times, as parquet-java itself writes
  private static byte[] ids(List<byte[]> values, List<byte[]> entries, Random random) {
    java.util.Map<ByteBuffer, Integer> ids = new java.util.HashMap<>();
    for (byte[] entry : entries) {
      ids.put(ByteBuffer.wrap(entry), ids.size());
    }
    int needed = 32 - Integer.numberOfLeadingZeros(Math.max(0, entries.size() - 1));
    int width = random.nextBoolean() ? needed : needed + random.nextInt(33 - needed);
    int[] numbers = values.stream().mapToInt(v -> ids.get(ByteBuffer.wrap(v))).toArray();
    return TestChunk.concat(new byte[] {(byte) width}, Encoded.runs(width, numbers));
  }
}
