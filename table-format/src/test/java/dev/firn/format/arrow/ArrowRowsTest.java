package dev.firn.format.arrow;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DurationVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
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
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.impl.UnionFixedSizeListWriter;
import org.apache.arrow.vector.complex.impl.UnionLargeListWriter;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ArrowRowsTest {
  private final BufferAllocator allocator = new RootAllocator(1 << 26);
  private final List<FieldVector> vectors = new ArrayList<>();

  @AfterEach
  void everyBufferIsReleased() {
    vectors.forEach(FieldVector::close);
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  private <V extends FieldVector> V vector(V vector, int count) {
    vectors.add(vector);
    vector.setInitialCapacity(count);
    vector.allocateNew();
    return vector;
  }

  private VectorSchemaRoot batch(int rows, FieldVector... columns) {
    for (FieldVector column : columns) {
      column.setValueCount(rows);
    }
    return new VectorSchemaRoot(List.of(columns));
  }

  private static Object natural(VectorSchemaRoot batch, int column) {
    Schema schema = ArrowSchemas.fromArrow(batch.getSchema());
    return ArrowRows.rows(batch, schema).iterator().next().get(column);
  }

  private static Type naturalType(VectorSchemaRoot batch, int column) {
    return ArrowSchemas.fromArrow(batch.getSchema()).columns().get(column).type();
  }

  @Test
  void everyIntegerWidthHasANaturalType() {
    TinyIntVector i8 = vector(new TinyIntVector("i8", allocator), 1);
    SmallIntVector i16 = vector(new SmallIntVector("i16", allocator), 1);
    UInt1Vector u8 = vector(new UInt1Vector("u8", allocator), 1);
    UInt2Vector u16 = vector(new UInt2Vector("u16", allocator), 1);
    UInt4Vector u32 = vector(new UInt4Vector("u32", allocator), 1);
    UInt8Vector u64 = vector(new UInt8Vector("u64", allocator), 1);
    i8.set(0, -128);
    i16.set(0, -32768);
    u8.set(0, 255);
    u16.set(0, 65535);
    u32.set(0, -1);
    u64.set(0, -1L);
    VectorSchemaRoot batch = batch(1, i8, i16, u8, u16, u32, u64);

    assertThat(natural(batch, 0)).isEqualTo(-128);
    assertThat(natural(batch, 1)).isEqualTo(-32768);
    assertThat(natural(batch, 2)).isEqualTo(255);
    assertThat(natural(batch, 3)).isEqualTo(65535);
    assertThat(natural(batch, 4)).isEqualTo(4294967295L);
    assertThat(natural(batch, 5)).isEqualTo(new BigDecimal("18446744073709551615"));
    assertThat(naturalType(batch, 5)).isEqualTo(Types.DecimalType.of(20, 0));
  }

  @Test
  void halvesDecimalsAndTimesOfEachUnitAreTaken() {
    Float2Vector half = vector(new Float2Vector("half", allocator), 1);
    Decimal256Vector wide = vector(new Decimal256Vector("wide", allocator, 38, 2), 1);
    DateMilliVector date = vector(new DateMilliVector("date", allocator), 1);
    TimeSecVector sec = vector(new TimeSecVector("sec", allocator), 1);
    TimeMilliVector milli = vector(new TimeMilliVector("milli", allocator), 1);
    TimeNanoVector nano = vector(new TimeNanoVector("nano", allocator), 1);
    TimeStampMilliVector at = vector(new TimeStampMilliVector("at", allocator), 1);
    TimeStampSecTZVector zoned = vector(new TimeStampSecTZVector("z", allocator, "Asia/Tokyo"), 1);
    TimeStampNanoVector fine = vector(new TimeStampNanoVector("fine", allocator), 1);
    half.setWithPossibleTruncate(0, 1.5f);
    wide.set(0, new BigDecimal("-1.25"));
    date.set(0, -86_400_000L);
    sec.set(0, 61);
    milli.set(0, 1);
    nano.set(0, 1000);
    at.set(0, -1);
    zoned.set(0, 60);
    fine.set(0, -1);
    VectorSchemaRoot batch = batch(1, half, wide, date, sec, milli, nano, at, zoned, fine);

    assertThat(natural(batch, 0)).isEqualTo(1.5f);
    assertThat(natural(batch, 1)).isEqualTo(new BigDecimal("-1.25"));
    assertThat(natural(batch, 2)).isEqualTo(LocalDate.of(1969, 12, 31));
    assertThat(natural(batch, 3)).isEqualTo(LocalTime.of(0, 1, 1));
    assertThat(natural(batch, 4)).isEqualTo(LocalTime.of(0, 0, 0, 1_000_000));
    assertThat(natural(batch, 5)).isEqualTo(LocalTime.of(0, 0, 0, 1_000));
    assertThat(natural(batch, 6))
        .isEqualTo(LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_000_000));
    assertThat(natural(batch, 7))
        .isEqualTo(LocalDateTime.of(1970, 1, 1, 0, 1).atOffset(ZoneOffset.UTC));
    assertThat(natural(batch, 8))
        .isEqualTo(LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_999));
  }

  @Test
  void largeAndViewStringsAndListsAreTaken() {
    LargeVarCharVector large = vector(new LargeVarCharVector("large", allocator), 1);
    ViewVarCharVector view = vector(new ViewVarCharVector("view", allocator), 1);
    LargeVarBinaryVector bytes = vector(new LargeVarBinaryVector("bytes", allocator), 1);
    ViewVarBinaryVector viewBytes = vector(new ViewVarBinaryVector("vbytes", allocator), 1);
    String text = "a longer string than fits a view ü€𝄞";
    large.setSafe(0, text.getBytes(StandardCharsets.UTF_8));
    view.setSafe(0, text.getBytes(StandardCharsets.UTF_8));
    bytes.setSafe(0, new byte[] {1, 2});
    viewBytes.setSafe(0, new byte[] {3});
    LargeListVector list = LargeListVector.empty("list", allocator);
    vectors.add(list);
    UnionLargeListWriter writer = list.getWriter();
    writer.startList();
    writer.bigInt().writeBigInt(7);
    writer.bigInt().writeBigInt(8);
    writer.endList();
    FixedSizeListVector fixed = FixedSizeListVector.empty("fixed", 2, allocator);
    vectors.add(fixed);
    UnionFixedSizeListWriter fixedWriter = fixed.getWriter();
    fixedWriter.startList();
    fixedWriter.integer().writeInt(1);
    fixedWriter.integer().writeInt(2);
    fixedWriter.endList();
    VectorSchemaRoot batch = batch(1, large, view, bytes, viewBytes, list, fixed);

    assertThat(natural(batch, 0)).isEqualTo(text);
    assertThat(natural(batch, 1)).isEqualTo(text);
    assertThat(natural(batch, 2)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2}));
    assertThat(natural(batch, 3)).isEqualTo(ByteBuffer.wrap(new byte[] {3}));
    assertThat(natural(batch, 4)).isEqualTo(List.of(7L, 8L));
    assertThat(natural(batch, 5)).isEqualTo(List.of(1, 2));
  }

  @Test
  void dictionaryEncodedColumnsAreDecoded() {
    VarCharVector words = vector(new VarCharVector("words", allocator), 2);
    words.setSafe(0, "no".getBytes(StandardCharsets.UTF_8));
    words.setSafe(1, "yes".getBytes(StandardCharsets.UTF_8));
    words.setValueCount(2);
    VarCharVector plain = vector(new VarCharVector("answer", allocator), 3);
    plain.setSafe(0, "yes".getBytes(StandardCharsets.UTF_8));
    plain.setNull(1);
    plain.setSafe(2, "no".getBytes(StandardCharsets.UTF_8));
    plain.setValueCount(3);
    Dictionary dictionary = new Dictionary(words, new DictionaryEncoding(5, false, null));
    MapDictionaryProvider provider = new MapDictionaryProvider(dictionary);
    FieldVector encoded = (FieldVector) DictionaryEncoder.encode(plain, dictionary);
    vectors.add(encoded);
    VectorSchemaRoot batch = batch(3, encoded);

    Schema schema = ArrowSchemas.fromArrow(batch.getSchema(), provider);
    assertThat(schema.columns().get(0).type()).isEqualTo(Types.StringType.get());
    List<Object> answers = new ArrayList<>();
    ArrowRows.rows(batch, schema, provider).forEach(row -> answers.add(row.get(0)));
    assertThat(answers).isEqualTo(Arrays.asList("yes", null, "no"));
    assertInvalid(() -> ArrowRows.rows(batch, schema), "column answer", "dictionary");
  }

  @Test
  void valuesWidenAndNarrowWhereTheyFit() {
    IntVector ints = vector(new IntVector("a", allocator), 2);
    BigIntVector longs = vector(new BigIntVector("b", allocator), 2);
    Float8Vector doubles = vector(new Float8Vector("c", allocator), 2);
    TimeStampNanoVector nanos = vector(new TimeStampNanoVector("d", allocator), 2);
    ints.set(0, 3);
    longs.set(0, 4);
    doubles.set(0, 0.5);
    nanos.set(0, 5000);
    ints.set(1, 3);
    longs.set(1, 4);
    doubles.set(1, 0.1);
    nanos.set(1, 5000);
    VectorSchemaRoot batch = batch(2, ints, longs, doubles, nanos);
    Schema target =
        new Schema(
            optional(1, "d", Types.TimestampType.withoutZone()),
            optional(2, "c", Types.FloatType.get()),
            optional(3, "b", Types.IntegerType.get()),
            optional(4, "a", Types.LongType.get()));

    var rows = ArrowRows.rows(batch, target).iterator();
    Record first = rows.next();

    assertThat(first.get(0)).isEqualTo(LocalDateTime.of(1970, 1, 1, 0, 0, 0, 5000));
    assertThat(first.get(1)).isEqualTo(0.5f);
    assertThat(first.get(2)).isEqualTo(4);
    assertThat(first.get(3)).isEqualTo(3L);
    assertInvalid(rows::next, "row 1", "column c", "float", "0.1");
  }

  @Test
  void aValueTooWideNamesColumnRowAndValue() {
    BigIntVector longs = vector(new BigIntVector("qty", allocator), 2);
    longs.set(0, 1);
    longs.set(1, 3_000_000_000L);
    UInt8Vector unsigned = vector(new UInt8Vector("u", allocator), 2);
    unsigned.set(0, 1);
    unsigned.set(1, -1L);
    Schema target = new Schema(optional(1, "qty", Types.IntegerType.get()));
    Schema targetU = new Schema(optional(1, "u", Types.LongType.get()));

    var rows = ArrowRows.rows(batch(2, longs), target).iterator();
    rows.next();
    assertInvalid(rows::next, "row 1", "column qty", "expected int", "3000000000");
    var rowsU = ArrowRows.rows(batch(2, unsigned), targetU).iterator();
    assertThat(rowsU.next().get(0)).isEqualTo(1L);
    assertInvalid(rowsU::next, new BigInteger("18446744073709551615").toString());
  }

  @Test
  void columnsThatDoNotMatchAreRefusedAtOnce() {
    IntVector ints = vector(new IntVector("idd", allocator), 1);
    VectorSchemaRoot batch = batch(1, ints);
    Schema target = new Schema(required(1, "id", Types.IntegerType.get()));
    assertInvalid(() -> ArrowRows.rows(batch, target), "lacks required column id");
    Schema lenient = new Schema(optional(1, "id", Types.IntegerType.get()));
    assertInvalid(() -> ArrowRows.rows(batch, lenient), "no column idd", "did you mean id?");
    Schema text = new Schema(optional(1, "idd", Types.StringType.get()));
    assertInvalid(() -> ArrowRows.rows(batch, text), "column idd", "expected string", "Int(32");
  }

  @Test
  void absentColumnsTakeTheirWriteDefaultAndNullsStay() {
    IntVector ints = vector(new IntVector("a", allocator), 1);
    ints.setNull(0);
    Schema target =
        new Schema(
            Types.NestedField.optional("a")
                .withId(1)
                .ofType(Types.IntegerType.get())
                .withWriteDefault(Expressions.lit(9))
                .build(),
            Types.NestedField.optional("b")
                .withId(2)
                .ofType(Types.IntegerType.get())
                .withWriteDefault(Expressions.lit(9))
                .build());
    Record row = ArrowRows.rows(batch(1, ints), target).iterator().next();
    assertThat(row.get(0)).isNull();
    assertThat(row.get(1)).isEqualTo(9);
  }

  @Test
  void nullColumnsFitEveryOptionalColumnAndNoRequiredOne() {
    NullVector none = new NullVector("a", 1);
    vectors.add(none);
    VectorSchemaRoot batch = batch(1, none);
    Schema target = new Schema(optional(1, "a", Types.LongType.get()));
    assertThat(ArrowRows.rows(batch, target).iterator().next().get(0)).isNull();
    Schema strict = new Schema(required(1, "a", Types.LongType.get()));
    assertInvalid(() -> ArrowRows.rows(batch, strict).iterator().next(), "column a", "required");
  }

  @Test
  void durationsAreRefusedByColumnName() {
    ArrowType type = new ArrowType.Duration(TimeUnit.SECOND);
    DurationVector duration =
        vector(new DurationVector("took", FieldType.nullable(type), allocator), 1);
    BitVectorHelper.setBit(duration.getValidityBuffer(), 0);
    VectorSchemaRoot batch = batch(1, duration);
    assertInvalid(() -> ArrowSchemas.fromArrow(batch.getSchema()), "column took", "Duration");
    Schema target = new Schema(optional(1, "took", Types.LongType.get()));
    assertInvalid(() -> ArrowRows.rows(batch, target), "column took", "Duration");
  }

  private static void assertInvalid(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContainingAll(parts);
  }
}
