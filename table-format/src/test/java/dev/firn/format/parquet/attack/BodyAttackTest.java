package dev.firn.format.parquet.attack;

import static dev.firn.format.parquet.attack.HostileFile.bytes;
import static dev.firn.format.parquet.attack.HostileFile.concat;
import static dev.firn.format.parquet.attack.HostileFile.ints;
import static dev.firn.format.parquet.attack.HostileFile.leaf;
import static dev.firn.format.parquet.attack.HostileFile.root;
import static dev.firn.format.parquet.attack.HostileFile.run;
import static dev.firn.format.parquet.attack.HostileFile.varints;
import static dev.firn.format.parquet.attack.HostileFile.withLength;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.RowGroupPruner;
import dev.firn.testing.ArrowLeakCheck;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.Type;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Levels and values that no writer would write, in pages whose headers are right. */
@ExtendWith(ArrowLeakCheck.class)
class BodyAttackTest {
  private static final int MOST = Integer.MAX_VALUE;

  private BufferAllocator allocator;

  @BeforeEach
  void open(BufferAllocator root) {
    allocator = root;
  }

  private static Schema schema(Type type, int length) {
    return new Schema(
        optional(
            1,
            "c",
            switch (type) {
              case BOOLEAN -> Types.BooleanType.get();
              case INT32 -> Types.IntegerType.get();
              case INT64 -> Types.LongType.get();
              case INT96 -> Types.TimestampType.withoutZone();
              case FLOAT -> Types.FloatType.get();
              case DOUBLE -> Types.DoubleType.get();
              case BYTE_ARRAY -> Types.StringType.get();
              case FIXED_LEN_BYTE_ARRAY -> Types.FixedType.ofLength(length);
            }));
  }

  private static HostileFile file(Type type, int length, HostileFile.Chunk chunk) {
    var column = leaf("c", 1, FieldRepetitionType.OPTIONAL, type);
    if (length > 0) {
      column.setType_length(length);
    }
    return new HostileFile(root(1), column).chunk(chunk);
  }

  private long read(Type type, int length, int rows, HostileFile.Chunk chunk, Expression filter) {
    byte[] file = file(type, length, chunk).layOut(rows).bytes();
    return HostileFile.read(
        file, schema(type, length), filter, RowGroupPruner.Means.ALL, allocator);
  }

  /** Ten rows, none null, with {@code values}. */
  private void corrupt(Type type, int length, Encoding encoding, String message, byte[]... values) {
    HostileFile.Chunk chunk = new HostileFile.Chunk(type, "c");
    if (encoding == Encoding.RLE_DICTIONARY) {
      chunk.dictionary(3, ints(1, 2, 3));
    }
    chunk.v1(10, encoding, withLength(run(10, 1)), concat(values));
    corrupt(type, length, 10, chunk, message);
  }

  private void corrupt(Type type, int length, int rows, HostileFile.Chunk chunk, String message) {
    for (Expression filter : List.of(Expressions.alwaysTrue(), Expressions.notNull("c"))) {
      assertThatThrownBy(() -> read(type, length, rows, chunk, filter))
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
          .hasMessageContaining(message)
          .hasMessageContaining("row group 0, page")
          .hasMessageContaining("mem:hostile.parquet");
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void dictionaryIndicesOutsideTheDictionary() {
    Encoding ids = Encoding.RLE_DICTIONARY;
    corrupt(Type.INT32, 0, ids, "index 3, in a dictionary of 3", bytes(2), run(10, 3));
    corrupt(Type.INT32, 0, ids, "in a dictionary of 3", bytes(2, 5, 0xff, 0xff, 0xff, 0xff));
    corrupt(
        Type.INT32,
        0,
        ids,
        "in a dictionary of 3",
        bytes(16, 5),
        new byte[10],
        bytes(9),
        new byte[21]);
    corrupt(Type.INT32, 0, ids, "expected 0 to 32", bytes(33), run(10, 0));
    corrupt(Type.INT32, 0, ids, "expected 0 to 32", bytes(255), run(10, 0));
    corrupt(Type.INT32, 0, ids, "in a dictionary of 3", bytes(32, 20, 0xff, 0xff, 0xff, 0xff));
    corrupt(Type.INT32, 0, ids, "cut off", bytes(2), run(9, 1));
    corrupt(Type.INT32, 0, ids, "cut off", bytes(2, 0xff, 0xff));
    corrupt(Type.INT32, 0, ids, "less than 2^31", bytes(2), varints(1L << 33));
    corrupt(Type.INT32, 0, ids, "a run of no numbers", bytes(2, 0, 0));
  }

  @Test
  void oneIndexOutsideAmongManyPackedOnes() {
    for (int at = 0; at < 50; at++) {
      byte[] ids = new byte[50];
      ids[at] = (byte) (3 << (at % 4 * 2));
      HostileFile.Chunk chunk = new HostileFile.Chunk(Type.INT32, "c");
      chunk.dictionary(3, ints(1, 2, 3));
      chunk.v1(200, Encoding.RLE_DICTIONARY, withLength(run(200, 1)), bytes(2, 25 << 1 | 1), ids);
      corrupt(Type.INT32, 0, 200, chunk, "dictionary index 3, in a dictionary of 3 entries");
    }
  }

  @Test
  void levelsThatNoColumnHas() {
    byte[] ten = new byte[40];
    HostileFile.Chunk tooHigh = new HostileFile.Chunk(Type.INT32, "c");
    tooHigh.v1(10, Encoding.PLAIN, withLength(run(10, 2)), ten);
    corrupt(Type.INT32, 0, 10, tooHigh, "is repeated, expected at most 1 bits");
    HostileFile.Chunk tooFew = new HostileFile.Chunk(Type.INT32, "c");
    tooFew.v1(10, Encoding.PLAIN, withLength(run(9, 1)), ten);
    corrupt(Type.INT32, 0, 10, tooFew, "cut off");
    HostileFile.Chunk tooLong = new HostileFile.Chunk(Type.INT32, "c");
    tooLong.v1(10, Encoding.PLAIN, ints(MOST), run(10, 1), ten);
    corrupt(Type.INT32, 0, 10, tooLong, "levels take 2147483647 bytes");
    HostileFile.Chunk negative = new HostileFile.Chunk(Type.INT32, "c");
    negative.v1(10, Encoding.PLAIN, ints(-5), run(10, 1), ten);
    corrupt(Type.INT32, 0, 10, negative, "levels take -5 bytes");
    HostileFile.Chunk moreValues = new HostileFile.Chunk(Type.INT32, "c");
    moreValues.v1(10, Encoding.PLAIN, withLength(run(10, 1)), new byte[39]);
    corrupt(Type.INT32, 0, 10, moreValues, "10 values of 4 bytes are wanted");
  }

  @Test
  void textsOfAbsurdLengths() {
    for (int length : new int[] {-1, Integer.MIN_VALUE, MOST, 37, 1 << 30}) {
      corrupt(
          Type.BYTE_ARRAY,
          0,
          Encoding.PLAIN,
          "a value is said to have " + length + " bytes",
          ints(length),
          new byte[36]);
    }
  }

  @Test
  void deltasOfAbsurdNumbers() {
    Encoding delta = Encoding.DELTA_BINARY_PACKED;
    byte[] rest = new byte[40];
    for (long[] header :
        new long[][] {
          {0, 4, 10, 0},
          {127, 1, 10, 0},
          {128, 0, 10, 0},
          {128, 5, 10, 0},
          {128, 200, 10, 0},
          {1L << 40, 4, 10, 0},
          {-1L, 4, 10, 0},
          {128, -1L, 10, 0}
        }) {
      corrupt(Type.INT64, 0, delta, "deltas in blocks of", varints(header), rest);
    }
    corrupt(Type.INT32, 0, delta, "expected less than 2^31", varints(128, 4, 1L << 31, 0), rest);
    corrupt(Type.INT32, 0, delta, "10 values are wanted, 9 are left", varints(128, 4, 9, 0), rest);
    corrupt(
        Type.INT32, 0, delta, "expected at most 64", varints(128, 4, 10, 0, 0), bytes(65, 0, 0, 0));
    corrupt(
        Type.INT32,
        0,
        delta,
        "deltas take 63 bytes",
        varints(128, 4, 10, 0, 0),
        bytes(56, 0, 0, 0));
    corrupt(Type.INT32, 0, delta, "cut off", varints(128, 4, 10, 0, 0), bytes(1, 2));
    corrupt(
        Type.INT64,
        0,
        delta,
        "more than 10 bytes",
        new byte[0],
        bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
  }

  @Test
  void textsOfAbsurdDeltas() {
    // Ten lengths: the first, then the same difference nine times.
    byte[] negative = varints(128, 4, 10, 1, 0, 0);
    byte[] huge = varints(128, 4, 10, (long) MOST << 1, 0, 0);
    byte[] longer = varints(128, 4, 10, 1L << 40, 0, 0);
    for (byte[] lengths : List.of(negative, huge, longer)) {
      corrupt(
          Type.BYTE_ARRAY,
          0,
          Encoding.DELTA_LENGTH_BYTE_ARRAY,
          "",
          lengths,
          bytes(0, 0, 0),
          new byte[5]);
      corrupt(
          Type.BYTE_ARRAY,
          0,
          Encoding.DELTA_BYTE_ARRAY,
          "",
          lengths,
          bytes(0, 0, 0),
          varints(128, 4, 10, 0, 0, 0),
          bytes(0, 0, 0));
    }
  }

  @Test
  void aFixedLengthOfTheSchemaTakesNoMemoryByItself() {
    // A million bytes for each of the entries that the dictionary claims to have.
    HostileFile.Chunk chunk = new HostileFile.Chunk(Type.FIXED_LEN_BYTE_ARRAY, "c");
    chunk.dictionary(900, new byte[1000]);
    chunk.v1(10, Encoding.RLE_DICTIONARY, withLength(run(10, 1)), bytes(1), run(10, 0));
    corrupt(
        Type.FIXED_LEN_BYTE_ARRAY,
        1_000_000,
        10,
        chunk,
        "the dictionary is said to have 900 entries in 1000 bytes");
  }

  @RepeatedTest(8)
  void noByteOfAPageCrashes(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.attack.seed", 5) * 1000 + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    for (int i = 0; i < 1500; i++) {
      Type type = Type.values()[random.nextInt(Type.values().length)];
      Encoding encoding = Encoding.values()[random.nextInt(Encoding.values().length)];
      int length = type == Type.FIXED_LEN_BYTE_ARRAY ? 1 + random.nextInt(20) : 0;
      int rows = 1 + random.nextInt(random.nextInt(10) == 0 ? 5000 : 200);
      HostileFile.Chunk chunk = new HostileFile.Chunk(type, "c");
      if (random.nextInt(3) > 0) {
        chunk.dictionary(random.nextInt(20), noise(random));
      }
      byte[] levels = random.nextInt(4) == 0 ? noise(random) : run(rows, random.nextInt(2));
      if (random.nextBoolean()) {
        chunk.v1(rows, encoding, withLength(levels), values(random, encoding, rows));
      } else {
        chunk.v2(rows, encoding, bytes(), levels, values(random, encoding, rows));
      }
      Expression filter =
          random.nextBoolean() ? Expressions.alwaysTrue() : Expressions.notNull("c");
      try {
        assertThat(read(type, length, rows, chunk, filter)).isLessThanOrEqualTo(rows);
      } catch (FirnException e) {
        assertThat(e.kind())
            .as("-Dfirn.attack.seed=%d round %d: %s", seed / 1000, i, e)
            .isEqualTo(ErrorKind.CORRUPT);
      }
      assertThat(allocator.getAllocatedMemory()).as("seed %d round %d", seed, i).isZero();
    }
  }

  /** Starts as the encoding does, so that more than the first check is reached. */
  private static byte[] values(Random random, Encoding encoding, int rows) {
    byte[] start =
        switch (encoding) {
          case RLE_DICTIONARY, PLAIN_DICTIONARY -> bytes(random.nextInt(34));
          case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY ->
              varints(128, 4, rows, random.nextInt(10), random.nextInt(4));
          case RLE -> ints(random.nextInt(40));
          default -> bytes();
        };
    return concat(start, noise(random), new byte[random.nextInt(4) == 0 ? rows * 8 : 0]);
  }

  /** Bytes that are small more often than not, as counts and widths are. */
  private static byte[] noise(Random random) {
    byte[] noise = new byte[random.nextInt(random.nextInt(5) == 0 ? 2000 : 60)];
    int mask = random.nextBoolean() ? 0xff : random.nextBoolean() ? 0x1f : 0x03;
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) (random.nextInt() & mask);
    }
    return noise;
  }
}
