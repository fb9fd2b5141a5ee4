package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(ArrowLeakCheck.class)
class ConversionTest {
  private static final long SEED = Long.getLong("firn.pages.seed", 3);
  private static final BigInteger DAY = BigInteger.valueOf(86_400_000_000_000L);
  private static final int COUNT = 3000;

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE", "BYTES_TO_DECIMAL", "FLOAT_TO_DOUBLE"})
  void numbersAndTimesAreConvertedInEveryEncoding(
      Conversion conversion, BufferAllocator allocator) {
    Random random = new Random(SEED);
    PrimitiveTypeName type = stored(conversion);
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      values.add(value(conversion, type, random));
    }
    List<byte[]> expected = new ArrayList<>();
    int width = conversion.name().endsWith("DECIMAL") ? 16 : 8;
    for (byte[] value : values) {
      expected.add(littleEndian(expected(conversion, value), width));
    }
    List<Encoding> encodings = new ArrayList<>(List.of(Encoding.PLAIN, Encoding.RLE_DICTIONARY));
    if (type != PrimitiveTypeName.INT96) {
      encodings.add(Encoding.DELTA_BINARY_PACKED);
      encodings.add(Encoding.BYTE_STREAM_SPLIT);
    }
    for (Encoding encoding : encodings) {
      check(
          Types.primitive(type, Repetition.REQUIRED).named("c"),
          encoding,
          conversion,
          values,
          expected,
          allocator);
    }
  }

  @Test
  void floatsAreWidened(BufferAllocator allocator) {
    Random random = new Random(SEED);
    List<byte[]> values = new ArrayList<>();
    List<byte[]> expected = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      float value = i == 0 ? -0.0f : i == 1 ? Float.NaN : random.nextFloat() * Float.MAX_VALUE;
      values.add(littleEndian(BigInteger.valueOf(Float.floatToIntBits(value)), 4));
      expected.add(littleEndian(BigInteger.valueOf(Double.doubleToRawLongBits(value)), 8));
    }
    PrimitiveType type = Types.required(PrimitiveTypeName.FLOAT).named("c");
    for (Encoding encoding : new Encoding[] {Encoding.PLAIN, Encoding.RLE_DICTIONARY}) {
      check(type, encoding, Conversion.FLOAT_TO_DOUBLE, values, expected, allocator);
    }
  }

  @Test
  void decimalsComeFromBytesOfEveryLength(BufferAllocator allocator) {
    Random random = new Random(SEED);
    for (int length = 1; length <= 16; length++) {
      PrimitiveType type =
          Types.required(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY).length(length).named("c");
      List<byte[]> values = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        values.add(random(random, length));
      }
      decimals(
          type,
          values,
          List.of(
              Encoding.PLAIN,
              Encoding.RLE_DICTIONARY,
              Encoding.DELTA_BYTE_ARRAY,
              Encoding.BYTE_STREAM_SPLIT),
          allocator);
    }
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      values.add(random(random, 1 + random.nextInt(16)));
    }
    decimals(
        Types.required(PrimitiveTypeName.BINARY).named("c"),
        values,
        List.of(
            Encoding.PLAIN,
            Encoding.RLE_DICTIONARY,
            Encoding.DELTA_LENGTH_BYTE_ARRAY,
            Encoding.DELTA_BYTE_ARRAY),
        allocator);
  }

  private static void decimals(
      PrimitiveType type,
      List<byte[]> values,
      List<Encoding> encodings,
      BufferAllocator allocator) {
    List<byte[]> expected = new ArrayList<>();
    for (byte[] value : values) {
      expected.add(littleEndian(new BigInteger(value), 16));
    }
    for (Encoding encoding : encodings) {
      check(type, encoding, Conversion.BYTES_TO_DECIMAL, values, expected, allocator);
    }
  }

  @Test
  void decimalsOfNoOrTooManyBytesAreCorrupt(BufferAllocator allocator) {
    PrimitiveType binary = Types.required(PrimitiveTypeName.BINARY).named("c");
    PrimitiveType fixed =
        Types.required(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY).length(17).named("c");
    assertCorrupt(
        binary,
        Conversion.BYTES_TO_DECIMAL,
        new byte[0],
        "a decimal of 0 bytes, expected 1 to 16",
        allocator);
    assertCorrupt(
        binary, Conversion.BYTES_TO_DECIMAL, new byte[17], "a decimal of 17 bytes", allocator);
    assertCorrupt(
        fixed, Conversion.BYTES_TO_DECIMAL, new byte[17], "a decimal of 17 bytes", allocator);
  }

  @Test
  void timesThatDoNotFitAreRefused(BufferAllocator allocator) {
    PrimitiveType date = Types.required(PrimitiveTypeName.INT32).named("c");
    PrimitiveType micros = Types.required(PrimitiveTypeName.INT64).named("c");
    byte[] farDate = littleEndian(BigInteger.valueOf(2_932_896), 4); // 9999-12-31
    byte[] farMicros = littleEndian(BigInteger.valueOf(Long.MIN_VALUE / 999), 8);
    assertCorrupt(
        date,
        Conversion.DATE_TO_NANOS,
        farDate,
        "does not fit 64 bits after DATE_TO_NANOS",
        allocator);
    assertCorrupt(micros, Conversion.MICROS_TO_NANOS, farMicros, "does not fit 64 bits", allocator);
  }

  @Test
  void aConversionOfAnotherTypeIsRefused(BufferAllocator allocator) {
    PrimitiveType type = Types.required(PrimitiveTypeName.INT64).named("c");
    assertCorrupt(
        type,
        Conversion.INT_TO_LONG,
        new byte[8],
        "values of 8 bytes cannot be converted by INT_TO_LONG",
        allocator);
  }

  private static void assertCorrupt(
      PrimitiveType type,
      Conversion conversion,
      byte[] value,
      String message,
      BufferAllocator allocator) {
    for (Encoding encoding : new Encoding[] {Encoding.PLAIN, Encoding.RLE_DICTIONARY}) {
      assertThatThrownBy(
              () ->
                  check(
                      type, encoding, conversion, List.of(value), List.of(new byte[16]), allocator))
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
          .hasMessageContaining(message);
    }
  }

  private static void check(
      PrimitiveType type,
      Encoding encoding,
      Conversion conversion,
      List<byte[]> values,
      List<byte[]> expected,
      BufferAllocator allocator) {
    ColumnDescriptor column = new ColumnDescriptor(new String[] {"c"}, type, 0, 0);
    TestChunk chunk = new TestChunk(column, CompressionCodecName.ZSTD, true, allocator);
    Encoded encoded = Encoded.of(type, encoding, values);
    if (encoding == Encoding.RLE_DICTIONARY) {
      chunk.dictionary(encoded.dictionary(), encoded.entries());
    }
    chunk.pageV1(
        values.size(),
        new byte[0],
        encoded.values(),
        org.apache.parquet.format.Encoding.valueOf(encoding.name()));
    byte[] bytes = chunk.bytes();
    try (ArrowBuf buffer = allocator.buffer(bytes.length)) {
      buffer.setBytes(0, bytes);
      try (ColumnChunk pages =
          ColumnChunk.open(chunk.spec(conversion), buffer, 0, bytes.length, allocator)) {
        pages.nextPage();
        try {
          check(pages.values(), expected, allocator);
        } catch (CorruptPageException e) {
          throw pages.corrupt(e);
        }
      }
    }
  }

  // the first by itself, since random calls may pass over it
  private static void check(PageValues values, List<byte[]> expected, BufferAllocator allocator) {
    try (ArrowBuf first = allocator.buffer(values.width())) {
      values.read(1, first.memoryAddress());
    }
    List<byte[]> rest = expected.subList(1, expected.size());
    new MixedReads(new Random(SEED), allocator).values(values, rest, List.of());
  }

  private static PrimitiveTypeName stored(Conversion conversion) {
    return switch (conversion) {
      case INT_TO_LONG,
          UNSIGNED_INT_TO_LONG,
          INT_TO_DECIMAL,
          INT_MILLIS_TO_MICROS,
          DATE_TO_MICROS,
          DATE_TO_NANOS ->
          PrimitiveTypeName.INT32;
      case INT96_TO_MICROS, INT96_TO_NANOS -> PrimitiveTypeName.INT96;
      default -> PrimitiveTypeName.INT64;
    };
  }

  private static byte[] value(Conversion conversion, PrimitiveTypeName type, Random random) {
    if (type == PrimitiveTypeName.INT96) {
      int day = 2_440_588 + random.nextInt(200_000) - 100_000;
      long nanos = (random.nextLong() >>> 1) % DAY.longValue();
      return ByteBuffer.allocate(12)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(nanos)
          .putInt(day)
          .array();
    }
    if (type == PrimitiveTypeName.INT32) {
      int value =
          conversion.name().startsWith("DATE")
              ? random.nextInt(200_000) - 100_000
              : random.nextInt();
      return littleEndian(BigInteger.valueOf(value), 4);
    }
    long value = random.nextLong();
    if (conversion.name().contains("MILLIS") || conversion == Conversion.MICROS_TO_NANOS) {
      value /= 1_000_001;
    }
    return littleEndian(BigInteger.valueOf(value), 8);
  }

  private static BigInteger expected(Conversion conversion, byte[] stored) {
    BigInteger value = number(stored);
    Function<Long, BigInteger> times = factor -> value.multiply(BigInteger.valueOf(factor));
    return switch (conversion) {
      case UNSIGNED_INT_TO_LONG -> new BigInteger(1, reversed(stored));
      case INT_MILLIS_TO_MICROS, LONG_MILLIS_TO_MICROS, MICROS_TO_NANOS -> times.apply(1000L);
      case LONG_MILLIS_TO_NANOS -> times.apply(1_000_000L);
      case DATE_TO_MICROS -> times.apply(86_400_000_000L);
      case DATE_TO_NANOS -> times.apply(DAY.longValue());
      case NANOS_TO_MICROS -> floorThousand(value);
      case INT96_TO_NANOS -> int96(stored);
      case INT96_TO_MICROS -> floorThousand(int96(stored));
      default -> value;
    };
  }

  private static BigInteger int96(byte[] stored) {
    BigInteger nanos = number(Arrays.copyOf(stored, 8));
    BigInteger day =
        number(Arrays.copyOfRange(stored, 8, 12)).subtract(BigInteger.valueOf(2_440_588));
    return day.multiply(DAY).add(nanos);
  }

  private static BigInteger floorThousand(BigInteger value) {
    BigInteger[] parts = value.divideAndRemainder(BigInteger.valueOf(1000));
    return parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
  }

  private static BigInteger number(byte[] littleEndian) {
    return new BigInteger(reversed(littleEndian));
  }

  private static byte[] littleEndian(BigInteger value, int width) {
    byte[] out = new byte[width];
    for (int i = 0; i < width; i++) {
      out[i] = value.shiftRight(8 * i).byteValue();
    }
    return out;
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return reversed;
  }

  private static byte[] random(Random random, int length) {
    byte[] value = new byte[length];
    random.nextBytes(value);
    return value;
  }
}
