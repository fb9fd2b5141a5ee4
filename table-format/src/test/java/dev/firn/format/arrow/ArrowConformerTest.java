package dev.firn.format.arrow;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.firn.error.FirnException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampMilliVector;
import org.apache.arrow.vector.TimeStampNanoVector;
import org.apache.arrow.vector.TimeStampSecTZVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ViewVarBinaryVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the conformer makes of a batch reads as the batch itself does. */
class ArrowConformerTest {
  private static final long SEED = Long.getLong("firn.test.seed", 31);
  private static final int ROWS = 50;

  private final BufferAllocator allocator = new RootAllocator(1 << 26);
  private final List<FieldVector> vectors = new ArrayList<>();
  private final MapDictionaryProvider dictionaries = new MapDictionaryProvider();
  private final Random random = new Random(SEED);

  @AfterEach
  void everyBufferIsReleased() {
    vectors.forEach(FieldVector::close);
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  private <V extends FieldVector> V vector(V vector) {
    vectors.add(vector);
    vector.setInitialCapacity(ROWS);
    vector.allocateNew();
    return vector;
  }

  /** Every bit pattern that the width allows; each fifth value is null. */
  private <V extends BaseFixedWidthVector> V noise(V vector, int sparse) {
    vector(vector);
    byte[] bytes = new byte[vector.getTypeWidth()];
    for (int i = 0; i < ROWS; i++) {
      random.nextBytes(bytes);
      for (int b = bytes.length - sparse; b < bytes.length; b++) {
        bytes[b] = 0;
      }
      vector.getDataBuffer().setBytes((long) i * bytes.length, bytes);
      if (i % 5 != 4) {
        org.apache.arrow.vector.BitVectorHelper.setBit(vector.getValidityBuffer(), i);
      }
    }
    vector.setValueCount(ROWS);
    return vector;
  }

  private <V extends FieldVector> V texts(V vector, Setter<V> setter) {
    vector(vector);
    for (int i = 0; i < ROWS; i++) {
      if (i % 5 != 4) {
        setter.set(vector, i, ("text ü€𝄞 " + i).repeat(i % 4).getBytes(StandardCharsets.UTF_8));
      }
    }
    vector.setValueCount(ROWS);
    return vector;
  }

  private interface Setter<V> {
    void set(V vector, int index, byte[] bytes);
  }

  private static VectorSchemaRoot batch(FieldVector... columns) {
    return new VectorSchemaRoot(List.of(columns));
  }

  private void assertSameRows(VectorSchemaRoot batch, Schema schema) {
    List<Object> expected = Shown.all(ArrowRows.rows(batch, schema, dictionaries));
    try (ConformedBatch conformed =
        new ArrowConformer(schema).conform(batch, dictionaries, allocator)) {
      for (int i = 0; i < schema.columns().size(); i++) {
        FieldVector vector = conformed.rows().getVector(i);
        assertThat(Layouts.same(vector, schema.columns().get(i).type())).isTrue();
      }
      assertThat(Shown.all(ArrowRows.rows(conformed.rows(), schema)))
          .as("seed %s, %s as %s", SEED, batch.getSchema(), schema)
          .isEqualTo(expected);
    }
  }

  private void assertSame(FieldVector vector, Type... types) {
    for (Type type : types) {
      assertSameRows(batch(vector), new Schema(optional(1, vector.getName(), type)));
    }
  }

  @Test
  void batchesInTheLayoutPassThrough() {
    RandomRows rows = new RandomRows(random);
    for (int round = 0; round < 60; round++) {
      Schema schema = rows.schema();
      try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
        rows.rows(schema, 40).forEach(builder::add);
        VectorSchemaRoot batch = builder.finish();
        assertSameRows(batch, schema);
        try (ConformedBatch conformed =
            new ArrowConformer(schema).conform(batch, dictionaries, allocator)) {
          assertThat(conformed.rows().getFieldVectors()).isEqualTo(batch.getFieldVectors());
        }
      }
    }
  }

  @Test
  void numbersOfOtherWidthsAreConverted() {
    Type integer = Types.IntegerType.get();
    Type number = Types.LongType.get();
    assertSame(noise(new TinyIntVector("c", allocator), 0), integer, number);
    assertSame(noise(new SmallIntVector("c", allocator), 0), integer, number);
    assertSame(noise(new IntVector("c", allocator), 0), integer, number);
    assertSame(noise(new UInt1Vector("c", allocator), 0), integer, number);
    assertSame(noise(new UInt2Vector("c", allocator), 0), integer, number);
    assertSame(noise(new UInt4Vector("c", allocator), 0), number);
    assertSame(noise(new UInt4Vector("c", allocator), 1), integer);
    assertSame(noise(new BigIntVector("c", allocator), 5), integer, number);
    assertSame(noise(new UInt8Vector("c", allocator), 1), number, Types.DecimalType.of(20, 0));
    assertSame(noise(new Float2Vector("c", allocator), 0), Types.FloatType.get());
    assertSame(noise(new Float4Vector("c", allocator), 0), Types.DoubleType.get());
  }

  @Test
  void timesOfOtherUnitsAreConverted() {
    Type micros = Types.TimestampType.withoutZone();
    Type nanos = Types.TimestampNanoType.withoutZone();
    assertSame(noise(new TimeStampMilliVector("c", allocator), 3), micros, nanos);
    assertSame(noise(new TimeStampNanoVector("c", allocator), 0), nanos);
    TimeStampNanoVector whole = vector(new TimeStampNanoVector("c", allocator));
    for (int i = 0; i < ROWS; i++) {
      whole.set(i, (i - 20) * 1000L);
    }
    whole.setValueCount(ROWS);
    assertSame(whole, micros);
    assertSame(
        noise(new TimeStampSecTZVector("c", allocator, "Asia/Tokyo"), 4),
        Types.TimestampType.withZone(),
        Types.TimestampNanoType.withZone());
    DateMilliVector dates = vector(new DateMilliVector("c", allocator));
    dates.set(0, -86_400_000L);
    dates.setValueCount(1);
    assertSame(dates, Types.DateType.get());
  }

  @Test
  void largeAndViewTextsAndDictionariesAreConverted() {
    assertSame(
        texts(new LargeVarCharVector("c", allocator), (v, i, b) -> v.setSafe(i, b)),
        Types.StringType.get());
    assertSame(
        texts(new ViewVarCharVector("c", allocator), (v, i, b) -> v.setSafe(i, b)),
        Types.StringType.get());
    assertSame(
        texts(new LargeVarBinaryVector("c", allocator), (v, i, b) -> v.setSafe(i, b)),
        Types.BinaryType.get());
    assertSame(
        texts(new ViewVarBinaryVector("c", allocator), (v, i, b) -> v.setSafe(i, b)),
        Types.BinaryType.get());
    VarCharVector plain = texts(new VarCharVector("c", allocator), (v, i, b) -> v.setSafe(i, b));
    VarCharVector words = vector(new VarCharVector("words", allocator));
    for (int i = 0; i < ROWS; i++) {
      words.setSafe(i, ("text ü€𝄞 " + i).repeat(i % 4).getBytes(StandardCharsets.UTF_8));
    }
    words.setValueCount(ROWS);
    Dictionary dictionary = new Dictionary(words, new DictionaryEncoding(5, false, null));
    dictionaries.put(dictionary);
    FieldVector encoded = (FieldVector) DictionaryEncoder.encode(plain, dictionary);
    vectors.add(encoded);
    assertSame(encoded, Types.StringType.get());

    IntVector numbers = noise(new IntVector("n", allocator), 0);
    BigIntVector indices =
        vector(
            new BigIntVector(
                "c",
                new org.apache.arrow.vector.types.pojo.FieldType(
                    true,
                    new org.apache.arrow.vector.types.pojo.ArrowType.Int(64, true),
                    new DictionaryEncoding(6, false, null)),
                allocator));
    for (int i = 0; i < ROWS; i++) {
      indices.set(i, ROWS - 1 - i);
    }
    indices.setNull(7);
    indices.setValueCount(ROWS);
    dictionaries.put(new Dictionary(numbers, new DictionaryEncoding(6, false, null)));
    assertSame(indices, Types.IntegerType.get(), Types.LongType.get());
  }

  @Test
  void columnsAreMatchedByNameAndAbsentOnesTakeTheirDefault() {
    IntVector b = noise(new IntVector("b", allocator), 0);
    BigIntVector a = noise(new BigIntVector("a", allocator), 0);
    Schema schema =
        new Schema(
            optional(1, "a", Types.LongType.get()),
            Types.NestedField.required("d")
                .withId(2)
                .ofType(Types.StringType.get())
                .withWriteDefault(Expressions.lit("none"))
                .build(),
            optional(3, "b", Types.IntegerType.get()),
            optional(4, "e", Types.DoubleType.get()));
    assertSameRows(batch(b, a), schema);
  }

  @Test
  void valuesThatDoNotFitAreRefusedAsTheReaderRefusesThem() {
    assertRefused(noise(new BigIntVector("c", allocator), 0), Types.IntegerType.get());
    assertRefused(noise(new UInt4Vector("c", allocator), 0), Types.IntegerType.get());
    assertRefused(noise(new UInt8Vector("c", allocator), 0), Types.LongType.get());
    assertRefused(
        noise(new TimeStampMilliVector("c", allocator), 0), Types.TimestampType.withoutZone());
    assertRefused(
        noise(new TimeStampNanoVector("c", allocator), 0), Types.TimestampType.withoutZone());
    assertRefused(noise(new TimeMicroVector("c", allocator), 0), Types.TimeType.get());
    assertRefused(noise(new Float8Vector("c", allocator), 0), Types.FloatType.get());
    for (int precision : new int[] {9, 18, 19, 38}) {
      DecimalVector decimal = noise(new DecimalVector("c", allocator, precision, 0), 0);
      assertRefused(decimal, Types.DecimalType.of(precision, 0));
    }
    IntVector nulls = noise(new IntVector("c", allocator), 0);
    assertRefused(nulls, required(1, "c", Types.IntegerType.get()));
    assertRefused(nulls, required(1, "c", Types.LongType.get()));
    assertRefused(nulls, optional(1, "c", Types.StringType.get()));
    assertRefused(nulls, optional(1, "d", Types.IntegerType.get()));
  }

  @Test
  void decimalsAtTheEndsOfTheirPrecisionFit() {
    for (int precision : new int[] {1, 9, 18, 19, 38}) {
      DecimalVector decimal = vector(new DecimalVector("c", allocator, precision, 0));
      BigDecimal most = BigDecimal.TEN.pow(precision).subtract(BigDecimal.ONE);
      decimal.set(0, most);
      decimal.set(1, most.negate());
      decimal.set(2, BigDecimal.ZERO);
      decimal.setValueCount(3);
      Types.NestedField field = optional(1, "c", Types.DecimalType.of(precision, 0));
      assertThat(Layouts.suspicious(decimal, field)).isFalse();
      assertSame(decimal, Types.DecimalType.of(precision, 0));
    }
  }

  private void assertRefused(FieldVector vector, Type type) {
    assertRefused(vector, optional(1, "c", type));
  }

  private void assertRefused(FieldVector vector, Types.NestedField field) {
    Schema schema = new Schema(field);
    VectorSchemaRoot batch = batch(vector);
    Consumer<Record> nothing = row -> {};
    Throwable expected = catchThrowable(() -> ArrowRows.rows(batch, schema).forEach(nothing));
    assertThat(expected).isInstanceOf(FirnException.class);
    assertThat(
            catchThrowable(
                () -> new ArrowConformer(schema).conform(batch, dictionaries, allocator).close()))
        .isInstanceOf(FirnException.class)
        .hasMessage(expected.getMessage());
  }
}
