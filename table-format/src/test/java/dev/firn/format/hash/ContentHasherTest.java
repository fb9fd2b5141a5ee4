package dev.firn.format.hash;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.RandomRows;
import dev.firn.format.arrow.Shown;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentHasherTest {
  private final BufferAllocator allocator = new RootAllocator(1 << 28);

  @AfterEach
  void everyBufferIsReleased() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void orderBatchesAndColumnOrderMakeNoDifference(long seed) {
    Random random = new Random(seed);
    RandomRows values = new RandomRows(random);
    for (int round = 0; round < 30; round++) {
      Schema schema = values.schema();
      List<Record> rows = values.rows(schema, 50);
      ContentHash hash = hash(schema, rows);
      List<Record> shuffled = new ArrayList<>(rows);
      Collections.shuffle(shuffled, random);
      assertThat(hash(schema, shuffled)).as("seed %s: %s", seed, schema).isEqualTo(hash);
      assertThat(hash(schema, rows.subList(0, 20)).plus(hash(schema, rows.subList(20, 50))))
          .isEqualTo(hash);
      List<Types.NestedField> reversed = new ArrayList<>(schema.columns());
      Collections.reverse(reversed);
      assertThat(hashInOrder(new Schema(reversed), schema, rows)).isEqualTo(hash);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aChangedValueChangesTheHashWhereverItIs(long seed) {
    Random random = new Random(seed);
    RandomRows values = new RandomRows(random);
    for (int round = 0; round < 60; round++) {
      Schema schema = values.schema();
      List<Record> rows = values.rows(schema, 20);
      ContentHash hash = hash(schema, rows);
      int row = random.nextInt(rows.size());
      int column = random.nextInt(schema.columns().size());
      Types.NestedField field = schema.columns().get(column);
      Record changed = rows.get(row).copy();
      changed.set(column, values.value(field.type()));
      boolean same =
          Objects.equals(Shown.of(changed.get(column)), Shown.of(rows.get(row).get(column)));
      List<Record> others = new ArrayList<>(rows);
      others.set(row, changed);
      assertThat(hash(schema, others).equals(hash))
          .as("seed %s: %s in %s", seed, field, schema)
          .isEqualTo(same);
    }
  }

  @Test
  void valuesBelongToTheirRowAndTheirColumn() {
    Schema schema =
        new Schema(optional(1, "a", Types.LongType.get()), optional(2, "b", Types.LongType.get()));
    ContentHash hash = hash(schema, List.of(row(schema, 1L, 2L), row(schema, 3L, 4L)));
    assertThat(hash(schema, List.of(row(schema, 3L, 2L), row(schema, 1L, 4L)))).isNotEqualTo(hash);
    assertThat(hash(schema, List.of(row(schema, 2L, 1L), row(schema, 4L, 3L)))).isNotEqualTo(hash);
    assertThat(hash(schema, List.of(row(schema, 1L, 2L), row(schema, 1L, 2L))))
        .isNotEqualTo(hash(schema, List.of(row(schema, 3L, 4L), row(schema, 3L, 4L))));
  }

  @Test
  void nullIsNoValueAndNotEmpty() {
    Types.StructType struct = Types.StructType.of(optional(20, "x", Types.LongType.get()));
    List<Type> types =
        List.of(
            Types.StringType.get(),
            Types.BinaryType.get(),
            Types.BooleanType.get(),
            Types.LongType.get(),
            Types.DoubleType.get(),
            Types.DecimalType.of(10, 2),
            Types.ListType.ofOptional(30, Types.LongType.get()),
            Types.MapType.ofOptional(40, 41, Types.LongType.get(), Types.LongType.get()),
            struct);
    List<Object> empties =
        List.of(
            "",
            ByteBuffer.allocate(0),
            false,
            0L,
            0.0,
            new BigDecimal("0.00"),
            List.of(),
            Map.of(),
            GenericRecord.create(struct));
    for (int i = 0; i < types.size(); i++) {
      Schema schema = new Schema(optional(1, "a", types.get(i)));
      assertThat(hash(schema, List.of(row(schema, empties.get(i)))))
          .as("%s", types.get(i))
          .isNotEqualTo(hash(schema, List.of(row(schema, (Object) null))));
    }
    Schema lists = new Schema(optional(1, "a", types.get(6)));
    assertThat(hash(lists, List.of(row(lists, Arrays.asList((Long) null)))))
        .isNotEqualTo(hash(lists, List.of(row(lists, List.of()))))
        .isNotEqualTo(hash(lists, List.of(row(lists, Arrays.asList(null, null)))));
  }

  @Test
  void aColumnOfNullsAndANewNameAddNothing() {
    Types.StructType narrow = Types.StructType.of(optional(20, "x", Types.LongType.get()));
    Types.StructType wide =
        Types.StructType.of(
            optional(20, "renamed", Types.LongType.get()),
            optional(21, "y", Types.StringType.get()));
    Schema before = new Schema(optional(1, "a", Types.LongType.get()), optional(2, "s", narrow));
    Schema after =
        new Schema(
            optional(3, "b", Types.StringType.get()),
            optional(2, "s", wide),
            optional(1, "c", Types.LongType.get()));
    assertThat(hash(after, List.of(row(after, null, record(wide, 7L, null), 5L))))
        .isEqualTo(hash(before, List.of(row(before, 5L, record(narrow, 7L)))));
  }

  @Test
  void promotedTypesKeepTheirHash() {
    assertThat(hashOf(Types.LongType.get(), -5L)).isEqualTo(hashOf(Types.IntegerType.get(), -5));
    assertThat(hashOf(Types.DoubleType.get(), (double) 0.1f))
        .isEqualTo(hashOf(Types.FloatType.get(), 0.1f));
    assertThat(hashOf(Types.DecimalType.of(38, 2), new BigDecimal("-1.25")))
        .isEqualTo(hashOf(Types.DecimalType.of(9, 2), new BigDecimal("-1.25")));
  }

  @Test
  void zerosDifferAndAllThatIsNotANumberIsOne() {
    assertThat(hashOf(Types.DoubleType.get(), -0.0))
        .isNotEqualTo(hashOf(Types.DoubleType.get(), 0.0));
    double other = Double.longBitsToDouble(0xfff8_0000_0000_0001L);
    assertThat(hashOf(Types.DoubleType.get(), other))
        .isEqualTo(hashOf(Types.DoubleType.get(), Double.NaN));
    assertThat(hashOf(Types.FloatType.get(), Float.intBitsToFloat(0xffc0_0001)))
        .isEqualTo(hashOf(Types.FloatType.get(), Float.NaN));
  }

  @Test
  void theOrderOfListsCountsAndThatOfMapsDoesNot() {
    Type list = Types.ListType.ofOptional(30, Types.LongType.get());
    assertThat(hashOf(list, List.of(1L, 2L))).isNotEqualTo(hashOf(list, List.of(2L, 1L)));
    Type map = Types.MapType.ofOptional(40, 41, Types.LongType.get(), Types.LongType.get());
    Map<Long, Long> one = new LinkedHashMap<>();
    one.put(1L, 2L);
    one.put(3L, 4L);
    Map<Long, Long> other = new LinkedHashMap<>();
    other.put(3L, 4L);
    other.put(1L, 2L);
    assertThat(hashOf(map, one)).isEqualTo(hashOf(map, other));
    assertThat(hashOf(map, Map.of(1L, 4L, 3L, 2L))).isNotEqualTo(hashOf(map, one));
  }

  @Test
  void longListsAreTheirElements() {
    Type list = Types.ListType.ofOptional(30, Types.LongType.get());
    List<Long> elements =
        new ArrayList<>(IntStream.range(0, 5000).mapToObj(i -> (long) i).toList());
    ContentHash hash = hashOf(list, elements);
    Schema schema = new Schema(optional(1, "a", list));
    // The same list behind another one, so that windows begin elsewhere.
    ContentHash both =
        hash(schema, List.of(row(schema, List.of(9L, 8L, 7L)), row(schema, elements)));
    assertThat(both).isEqualTo(hashOf(list, List.of(9L, 8L, 7L)).plus(hash));
    elements.set(4000, -1L);
    assertThat(hashOf(list, elements)).isNotEqualTo(hash);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 500, 5000})
  void dictionariesHashAsTheirEntries(int distinct) {
    Schema schema = new Schema(optional(1, "a", Types.StringType.get()));
    List<Record> rows =
        IntStream.range(0, 2000)
            .mapToObj(i -> row(schema, i % 7 == 0 ? null : "value " + i * 31 % distinct))
            .toList();
    for (int bits : new int[] {8, 16, 32}) {
      if (bits == 8 && distinct > 100) {
        continue;
      }
      assertThat(encoded(schema, rows, distinct, bits)).isEqualTo(hash(schema, rows));
    }
  }

  private ContentHash encoded(Schema schema, List<Record> rows, int distinct, int bits) {
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator);
        VarCharVector entries = new VarCharVector("entries", allocator)) {
      for (int i = 0; i < distinct; i++) {
        entries.setSafe(i, ("value " + i).getBytes(StandardCharsets.UTF_8));
      }
      entries.setValueCount(distinct);
      Dictionary dictionary =
          new Dictionary(entries, new DictionaryEncoding(4, false, new ArrowType.Int(bits, true)));
      rows.forEach(builder::add);
      FieldVector plain = builder.finish().getVector("a");
      ContentHasher hasher = ContentHasher.of(schema);
      try (FieldVector ids = (FieldVector) DictionaryEncoder.encode(plain, dictionary)) {
        hasher.add(new VectorSchemaRoot(List.of(ids)), new MapDictionaryProvider(dictionary));
        // The same hasher takes plain ones too.
        hasher.add(builder.finish());
      }
      ContentHash both = hasher.sum();
      ContentHash plainOnly = hash(schema, rows);
      assertThat(both).isEqualTo(plainOnly.plus(plainOnly));
      return plainOnly;
    }
  }

  @Test
  void whatIsBelowANullMakesNoDifference() {
    Types.StructType struct = Types.StructType.of(optional(20, "x", Types.LongType.get()));
    Schema schema = new Schema(optional(1, "a", struct));
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      builder.add(row(schema, (Object) null));
      VectorSchemaRoot root = builder.finish();
      ((BigIntVector) ((StructVector) root.getVector("a")).getChild("x")).set(0, 77);
      ContentHasher hasher = ContentHasher.of(schema);
      hasher.add(root);
      assertThat(hasher.sum()).isEqualTo(hash(schema, List.of(row(schema, (Object) null))));
    }
  }

  @Test
  void refusesColumnsThatAreAbsentOrOtherwiseLaidOut() {
    Schema schema = new Schema(optional(1, "a", Types.LongType.get()));
    ContentHasher hasher = ContentHasher.of(schema);
    try (IntVector ints = new IntVector("a", allocator);
        IntVector other = new IntVector("b", allocator)) {
      assertThatThrownBy(() -> hasher.add(new VectorSchemaRoot(List.of(ints))))
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
          .hasMessage(
              "Cannot hash a batch: column a does not have its layout, expected the Arrow type of"
                  + " long, got Arrow Int(32, true); conform the batch first");
      assertThatThrownBy(() -> hasher.add(new VectorSchemaRoot(List.of(other))))
          .hasMessageContaining("got no column of that name");
    }
    assertThat(hasher.sum()).isEqualTo(ContentHash.EMPTY);
  }

  @Test
  void refusesIndicesBeyondTheirDictionary() {
    Schema schema = new Schema(optional(1, "a", Types.StringType.get()));
    DictionaryEncoding encoding = new DictionaryEncoding(4, false, null);
    try (VarCharVector entries = new VarCharVector("entries", allocator);
        IntVector ids =
            new IntVector(
                "a",
                new org.apache.arrow.vector.types.pojo.FieldType(
                    true, new ArrowType.Int(32, true), encoding),
                allocator)) {
      entries.setSafe(0, new byte[] {1});
      entries.setValueCount(1);
      ids.setSafe(0, 1);
      ids.setValueCount(1);
      VectorSchemaRoot batch = new VectorSchemaRoot(List.of(ids));
      MapDictionaryProvider provider = new MapDictionaryProvider(new Dictionary(entries, encoding));
      assertThatThrownBy(() -> ContentHasher.of(schema).add(batch, provider))
          .hasMessageContaining("column a names an entry that its dictionary lacks");
    }
  }

  /** Hashes are kept in snapshot summaries: this one never changes. */
  @Test
  void isStable() {
    RandomRows values = new RandomRows(new Random(1));
    Schema flat = values.flatSchema();
    assertThat(hash(flat, values.rows(flat, 100)).toString())
        .isEqualTo("100:e6ab3201f68fbf44e12299a0ac43dc3d");
    Schema nested =
        new Schema(
            optional(
                1,
                "m",
                Types.MapType.ofOptional(
                    2,
                    3,
                    Types.StringType.get(),
                    Types.StructType.of(
                        optional(4, "l", Types.ListType.ofOptional(5, Types.BinaryType.get()))))));
    assertThat(hash(nested, values.rows(nested, 100)).toString())
        .isEqualTo("100:6574eceb2be7d46824c2bcf892b2880d");
  }

  private ContentHash hashOf(Type type, Object value) {
    Schema schema = new Schema(optional(1, "a", type));
    return hash(schema, List.of(row(schema, value)));
  }

  private ContentHash hash(Schema schema, List<Record> rows) {
    return hashInOrder(schema, schema, rows);
  }

  /** The hash of rows of {@code written}, by a hasher of {@code schema}. */
  private ContentHash hashInOrder(Schema schema, Schema written, List<Record> rows) {
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(written, allocator)) {
      rows.forEach(builder::add);
      ContentHasher hasher = ContentHasher.of(schema);
      hasher.add(builder.finish());
      return hasher.sum();
    }
  }

  private static Record row(Schema schema, Object... values) {
    return record(schema.asStruct(), values);
  }

  private static Record record(Types.StructType type, Object... values) {
    Record record = GenericRecord.create(type);
    for (int i = 0; i < values.length; i++) {
      record.set(i, values[i]);
    }
    return record;
  }
}
