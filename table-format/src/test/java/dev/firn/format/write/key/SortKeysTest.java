package dev.firn.format.write.key;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.RandomRows;
import dev.firn.testing.ArrowLeakCheck;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortDirection;
import org.apache.iceberg.SortKey;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.SortOrderComparators;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class SortKeysTest {
  private static final long SEED = Long.getLong("firn.test.seed", 12);

  /** Iceberg's order, by the rows' transformed keys. */
  private static Comparator<Record> iceberg(SortOrder order, Schema schema) {
    InternalRecordWrapper wrapper = new InternalRecordWrapper(schema.asStruct());
    List<Types.NestedField> fields = new ArrayList<>();
    for (int i = 0; i < order.fields().size(); i++) {
      var field = order.fields().get(i);
      Type type = field.transform().getResultType(schema.findType(field.sourceId()));
      fields.add(optional(i + 1, "k" + i, type));
    }
    Schema flat = new Schema(fields);
    SortOrder.Builder keys = SortOrder.builderFor(flat);
    for (int i = 0; i < order.fields().size(); i++) {
      keys.sortBy("k" + i, order.fields().get(i).direction(), order.fields().get(i).nullOrder());
    }
    Comparator<StructLike> byKey = SortOrderComparators.forSchema(flat, keys.build());
    SortKey a = new SortKey(schema, order);
    SortKey b = new SortKey(schema, order);
    return (x, y) -> {
      a.wrap(wrapper.wrap(x));
      b.wrap(wrapper.wrap(y));
      return byKey.compare(a, b);
    };
  }

  /** Row numbers in our order. */
  private static List<Integer> sorted(
      SortOrder order, Schema schema, List<Record> rows, BufferAllocator allocator) {
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(schema, allocator)) {
      rows.forEach(builder::add);
      try (Keys keys = new SortKeys(order, schema).of(builder.finish(), allocator)) {
        long[] picks = new long[rows.size()];
        for (int i = 0; i < picks.length; i++) {
          picks[i] = i;
        }
        new RowSort(List.of(keys)).sort(picks, 0, picks.length);
        List<Integer> order2 = new ArrayList<>();
        for (long pick : picks) {
          order2.add((int) pick);
        }
        return order2;
      }
    }
  }

  private static void assertAsIceberg(
      SortOrder order, Schema schema, List<Record> rows, BufferAllocator allocator) {
    Comparator<Record> comparator = iceberg(order, schema);
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      expected.add(i);
    }
    // Stable, so that equal rows keep their order.
    expected.sort((x, y) -> comparator.compare(rows.get(x), rows.get(y)));
    assertThat(sorted(order, schema, rows, allocator))
        .as("%s of %s, seed %s", order, schema, SEED)
        .isEqualTo(expected);
  }

  @Test
  void everyTransformOfEveryTypeOrdersAsIcebergDoes(BufferAllocator allocator) {
    RandomRows random = new RandomRows(new Random(SEED));
    int combinations = 0;
    for (Types.NestedField column : random.flatSchema().columns()) {
      Type type = column.type();
      if (!type.isPrimitiveType() || type.typeId() == Type.TypeID.UNKNOWN) {
        continue;
      }
      Schema schema = new Schema(required(1, "id", Types.LongType.get()), optional(2, "c", type));
      for (Transform<?, ?> transform : TransformSpecs.of(type)) {
        if (transform.isVoid()) {
          continue;
        }
        List<Record> rows = new ArrayList<>();
        for (long i = 0; i < 150; i++) {
          GenericRecord row = GenericRecord.create(schema);
          row.set(0, i);
          row.set(1, i % 5 == 3 ? null : random.value(type));
          rows.add(row);
        }
        combinations += assertEachDirection(transform, schema, rows, allocator);
      }
    }
    assertThat(combinations).isGreaterThan(200);
  }

  private static int assertEachDirection(
      Transform<?, ?> transform, Schema schema, List<Record> rows, BufferAllocator allocator) {
    int orders = 0;
    for (SortDirection direction : SortDirection.values()) {
      for (NullOrder nulls : NullOrder.values()) {
        SortOrder order =
            SortOrder.builderFor(schema)
                .sortBy(TransformSpecs.term("c", transform), direction, nulls)
                .build();
        assertAsIceberg(order, schema, rows, allocator);
        orders++;
      }
    }
    return orders;
  }

  @Test
  void severalFieldsOrderAsIcebergDoes(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()),
            optional(2, "s", Types.StringType.get()),
            required(3, "b", Types.BinaryType.get()),
            optional(4, "f", Types.FloatType.get()));
    RandomRows random = new RandomRows(new Random(SEED));
    SortOrder order =
        SortOrder.builderFor(schema)
            .sortBy("s", SortDirection.DESC, NullOrder.NULLS_LAST)
            .sortBy(
                TransformSpecs.term("b", TransformSpecs.of(Types.BinaryType.get()).get(1)),
                SortDirection.ASC,
                NullOrder.NULLS_FIRST)
            .sortBy("f", SortDirection.ASC, NullOrder.NULLS_LAST)
            .sortBy("id", SortDirection.DESC, NullOrder.NULLS_FIRST)
            .build();
    assertAsIceberg(order, schema, random.rows(schema, 2000), allocator);
  }

  @Test
  void stringsWithAZeroAndStartsOfEachOtherKeepTheirOrder(BufferAllocator allocator) {
    Schema schema =
        new Schema(
            optional(1, "s", Types.StringType.get()), optional(2, "t", Types.StringType.get()));
    List<Record> rows = new ArrayList<>();
    List<String> texts =
        List.of(
            "",
            "\0",
            "\0\0",
            "\0a",
            "a",
            "a\0",
            "a\0\0",
            "a\0b",
            "ab",
            "\u00ff",
            "\ud83d\ude00",
            "\uffff");
    for (String s : texts) {
      for (String t : texts) {
        GenericRecord row = GenericRecord.create(schema);
        row.set(0, s);
        row.set(1, t);
        rows.add(row);
      }
    }
    java.util.Collections.shuffle(rows, new Random(SEED));
    for (SortDirection direction : SortDirection.values()) {
      SortOrder order =
          SortOrder.builderFor(schema)
              .sortBy("s", direction, NullOrder.NULLS_FIRST)
              .sortBy("t", SortDirection.ASC, NullOrder.NULLS_FIRST)
              .build();
      assertAsIceberg(order, schema, rows, allocator);
    }
  }
}
