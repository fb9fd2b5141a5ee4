package dev.firn.format.parquet.filter;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.DateTimeUtil;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.NanoTime;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files of other writers and older schemas: the wanted type is not the stored one. */
@ExtendWith(ArrowLeakCheck.class)
class StoredFormsTest {
  private static final MessageType STORED =
      MessageTypeParser.parseMessageType(
          """
          message m {
            optional int32 widened = 1;
            optional float real = 2;
            optional int32 day (DATE) = 3;
            optional int32 clock (TIME_MILLIS) = 4;
            optional int64 moment (TIMESTAMP_MILLIS) = 5;
            optional int32 unsigned (UINT_32) = 6;
            optional int32 small (INT_8) = 7;
            optional int96 old = 8;
            optional int32 money4 (DECIMAL(9, 2)) = 9;
            optional int64 money8 (DECIMAL(18, 2)) = 10;
            optional binary money (DECIMAL(30, 2)) = 11;
            optional fixed_len_byte_array(13) wide (DECIMAL(30, 2)) = 12;
            optional binary plain = 13;
            optional int64 micros (TIMESTAMP(MICROS, true)) = 14;
            required group nest {
              optional double inner = 16;
            }
          }
          """);

  private static final Schema WANTED =
      new Schema(
          optional(1, "widened", Types.LongType.get()),
          optional(2, "real", Types.DoubleType.get()),
          optional(3, "day", Types.TimestampType.withoutZone()),
          optional(4, "clock", Types.TimeType.get()),
          optional(5, "moment", Types.TimestampType.withoutZone()),
          optional(6, "unsigned", Types.LongType.get()),
          optional(7, "small", Types.IntegerType.get()),
          optional(8, "old", Types.TimestampType.withoutZone()),
          optional(9, "money4", Types.DecimalType.of(18, 2)),
          optional(10, "money8", Types.DecimalType.of(38, 2)),
          optional(11, "money", Types.DecimalType.of(38, 2)),
          optional(12, "wide", Types.DecimalType.of(38, 2)),
          optional(13, "plain", Types.StringType.get()),
          optional(14, "micros", Types.TimestampNanoType.withZone()),
          optional(15, "nest", Types.StructType.of(optional(16, "inner", Types.DoubleType.get()))));

  @TempDir private Path directory;

  @RepeatedTest(4)
  void neverRulesOutAMatchingRow(RepetitionInfo repetition, BufferAllocator allocator)
      throws IOException {
    long seed = Long.getLong("firn.prune.seed", 3) * 1000 + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    List<Record> rows = new ArrayList<>();
    PrunedFile file = write(random, rows);
    assertThat(file.groups().size()).isGreaterThan(1);
    RandomFilters filters = new RandomFilters(random, WANTED, rows, true);
    for (int i = 0; i < 80; i++) {
      Expression filter = filters.filter(2);
      for (RowGroupPruner.Means means : RowGroupPrunerTest.MEANS) {
        List<RowRanges> kept = file.mayMatch(WANTED, filter, means, allocator);
        assertThat(RowGroupPrunerTest.lost(WANTED, rows, filter, kept, file))
            .as("-Dfirn.prune.seed=%d, %s by %s", seed / 1000, filter, means)
            .isEmpty();
      }
    }
  }

  @Test
  void prunesInTheWantedType(BufferAllocator allocator) throws IOException {
    PrunedFile file = write(new Random(1), new ArrayList<>());
    List<Expression> impossible =
        List.of(
            Expressions.equal("widened", 1L << 40),
            Expressions.equal("day", "1800-01-01T00:00:00"),
            Expressions.greaterThan("clock", 86_399_000_000L),
            Expressions.greaterThan("moment", "2200-01-01T00:00:00"),
            Expressions.equal("small", 1000),
            Expressions.greaterThan("money4", new BigDecimal("99999999.00")),
            Expressions.lessThan("money8", new BigDecimal("-9999999999999999.00")),
            Expressions.greaterThan("money", new BigDecimal("1e33").setScale(2)),
            Expressions.greaterThan("wide", new BigDecimal("1e33").setScale(2)),
            Expressions.startsWith("plain", "zz"),
            Expressions.lessThan("micros", "1800-01-01T00:00:00+00:00"),
            Expressions.lessThan("nest.inner", -1e300));
    for (Expression filter : impossible) {
      assertThat(file.mayMatch(WANTED, filter, RowGroupPruner.Means.ALL, allocator))
          .as("%s", filter)
          .allMatch(RowRanges::isEmpty);
    }
    for (String uncomparable : List.of("unsigned", "old")) {
      assertThat(
              file.mayMatch(
                  WANTED,
                  uncomparable.equals("old")
                      ? Expressions.lessThan(uncomparable, "1800-01-01T00:00:00")
                      : Expressions.lessThan(uncomparable, -1L),
                  RowGroupPruner.Means.ALL,
                  allocator))
          .as(uncomparable)
          .noneMatch(RowRanges::isEmpty);
    }
  }

  private PrunedFile write(Random random, List<Record> rows) throws IOException {
    Path path = directory.resolve("f" + random.nextInt() + ".parquet");
    var builder =
        ExampleParquetWriter.builder(new LocalOutputFile(path))
            .withConf(new PlainParquetConfiguration())
            .withType(STORED)
            .withRowGroupSize(4000L)
            .withMinRowCountForPageSizeCheck(5)
            .withMaxRowCountForPageSizeCheck(5)
            .withPageRowCountLimit(10)
            .withDictionaryEncoding(random.nextBoolean())
            .withWriterVersion(
                random.nextBoolean()
                    ? ParquetProperties.WriterVersion.PARQUET_1_0
                    : ParquetProperties.WriterVersion.PARQUET_2_0)
            .withBloomFilterEnabled(random.nextBoolean())
            .withMaxBloomFilterBytes(64);
    try (ParquetWriter<Group> writer = builder.build()) {
      for (int i = 0; i < 400; i++) {
        Group stored = new SimpleGroup(STORED);
        Record row = GenericRecord.create(WANTED);
        fill(random, i, stored, row);
        writer.write(stored);
        rows.add(row);
      }
    }
    return new PrunedFile(Files.readAllBytes(path));
  }

  private static void fill(Random random, int i, Group stored, Record row) {
    Group nest = stored.addGroup("nest");
    Record wantedNest = GenericRecord.create(WANTED.findType("nest").asStructType());
    row.setField("nest", wantedNest);
    if (random.nextInt(4) == 0) {
      return;
    }
    int number = i / 50 * 10 + random.nextInt(8);
    stored.add("widened", number);
    row.setField("widened", (long) number);
    float real = random.nextInt(9) == 0 ? Float.NaN : random.nextInt(9) == 0 ? -0.0f : number / 8f;
    stored.add("real", real);
    row.setField("real", (double) real);
    stored.add("day", number);
    row.setField("day", LocalDate.ofEpochDay(number).atStartOfDay());
    stored.add("clock", number * 1000);
    row.setField("clock", LocalTime.ofSecondOfDay(number));
    stored.add("moment", number * 1000L);
    row.setField("moment", DateTimeUtil.timestampFromMicros(number * 1_000_000L));
    int unsigned = random.nextInt();
    stored.add("unsigned", unsigned);
    row.setField("unsigned", Integer.toUnsignedLong(unsigned));
    stored.add("small", number % 100 - 50);
    row.setField("small", number % 100 - 50);
    stored.add("old", new NanoTime(2_440_588 + number, 5000));
    row.setField("old", LocalDate.ofEpochDay(number).atTime(LocalTime.ofNanoOfDay(5000)));
    decimals(random, number, stored, row);
    String text = "t".repeat(number % 70) + number;
    stored.add("plain", Binary.fromString(text));
    row.setField("plain", text);
    stored.add("micros", number * 1_000_000L);
    row.setField("micros", DateTimeUtil.timestamptzFromMicros(number * 1_000_000L));
    nest.add("inner", number * 0.5);
    wantedNest.setField("inner", number * 0.5);
  }

  private static void decimals(Random random, int number, Group stored, Record row) {
    int cents = number * (random.nextBoolean() ? 1 : -1);
    stored.add("money4", cents);
    row.setField("money4", BigDecimal.valueOf(cents, 2));
    stored.add("money8", (long) cents);
    row.setField("money8", BigDecimal.valueOf(cents, 2));
    byte[] shortest = BigInteger.valueOf(cents).toByteArray();
    stored.add("money", Binary.fromConstantByteArray(shortest));
    row.setField("money", BigDecimal.valueOf(cents, 2));
    byte[] padded = new byte[13];
    Arrays.fill(padded, (byte) (cents < 0 ? -1 : 0));
    System.arraycopy(shortest, 0, padded, 13 - shortest.length, shortest.length);
    stored.add("wide", Binary.fromConstantByteArray(padded));
    row.setField("wide", BigDecimal.valueOf(cents, 2));
  }
}
