package dev.firn.format.parquet.page;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;

/** A chunk of three pages of random versions, codec, levels and values, and what is in it. */
final class RandomChunk {
  static final int PAGES = 3;
  private static final CompressionCodecName[] CODECS = {
    CompressionCodecName.UNCOMPRESSED,
    CompressionCodecName.SNAPPY,
    CompressionCodecName.GZIP,
    CompressionCodecName.ZSTD,
    CompressionCodecName.LZ4_RAW
  };

  final ColumnDescriptor column;
  final TestChunk chunk;
  final List<short[]> repetitions = new ArrayList<>();
  final List<short[]> definitions = new ArrayList<>();
  final List<List<byte[]>> values = new ArrayList<>();

  /** The dictionary's; empty where there is none. */
  final List<byte[]> entries;

  RandomChunk(
      PrimitiveType type,
      Encoding encoding,
      int pageValues,
      Random random,
      BufferAllocator allocator) {
    int maxRepetition = random.nextInt(3);
    int maxDefinition = random.nextInt(4);
    column = new ColumnDescriptor(new String[] {"a", "b"}, type, maxRepetition, maxDefinition);
    chunk =
        new TestChunk(
            column, CODECS[random.nextInt(CODECS.length)], random.nextInt(3) == 0, allocator);
    List<byte[]> all = new RandomValues(random).values(type, PAGES * pageValues);
    boolean dictionary = encoding == Encoding.RLE_DICTIONARY;
    Encoded encoded = Encoded.of(type, encoding, all);
    entries = dictionary ? entries(type, encoded) : List.of();
    if (dictionary) {
      chunk.dictionary(encoded.dictionary(), encoded.entries());
    }
    for (int page = 0; page < PAGES; page++) {
      short[] definition = levels(pageValues, maxDefinition, random);
      short[] repetition = levels(pageValues, maxRepetition, random);
      int from = page * pageValues;
      List<byte[]> present = all.subList(from, from + maxima(definition, maxDefinition));
      byte[] bytes =
          dictionary ? ids(present, entries, random) : Encoded.of(type, encoding, present).values();
      add(repetition, definition, bytes, encoding, random.nextBoolean());
      repetitions.add(repetition);
      definitions.add(definition);
      values.add(present);
      if (random.nextInt(3) == 0) {
        chunk.indexPage();
      }
    }
  }

  /** Every physical type with every encoding that it has. */
  static List<Map.Entry<PrimitiveType, Encoding>> kinds() {
    List<Map.Entry<PrimitiveType, Encoding>> all = new ArrayList<>();
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
    return all;
  }

  private static void add(
      List<Map.Entry<PrimitiveType, Encoding>> all, PrimitiveTypeName type, Encoding encoding) {
    if (type == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY) {
      for (int length : new int[] {1, 2, 5, 16, 33}) {
        all.add(Map.entry(type(type, length), encoding));
      }
    } else {
      all.add(Map.entry(type(type, 0), encoding));
    }
  }

  private static PrimitiveType type(PrimitiveTypeName name, int length) {
    return Types.primitive(name, Repetition.OPTIONAL).length(length).named("c");
  }

  private void add(
      short[] repetition, short[] definition, byte[] values, Encoding encoding, boolean v2) {
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
    Map<ByteBuffer, Integer> ids = new HashMap<>();
    for (byte[] entry : entries) {
      ids.put(ByteBuffer.wrap(entry), ids.size());
    }
    int needed = 32 - Integer.numberOfLeadingZeros(Math.max(0, entries.size() - 1));
    int width = random.nextBoolean() ? needed : needed + random.nextInt(33 - needed);
    int[] numbers = values.stream().mapToInt(v -> ids.get(ByteBuffer.wrap(v))).toArray();
    return TestChunk.concat(new byte[] {(byte) width}, Encoded.runs(width, numbers));
  }
}
