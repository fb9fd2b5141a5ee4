package dev.firn.format.parquet.filter;

import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.isNaN;
import static org.apache.iceberg.expressions.Expressions.isNull;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.apache.iceberg.expressions.Expressions.lessThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.notEqual;
import static org.apache.iceberg.expressions.Expressions.notNaN;
import static org.apache.iceberg.expressions.Expressions.or;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.RandomRows;
import dev.firn.testing.ArrowLeakCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class BatchFilterTest {
  private BufferAllocator allocator;

  @BeforeEach
  void open(BufferAllocator root) {
    allocator = root;
  }

  @RepeatedTest(20)
  void keepsExactlyTheRowsForWhichARandomFilterIsTrue(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.filter.seed", 11) * 1000 + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    RandomRows data = new RandomRows(random);
    Schema schema = random.nextBoolean() ? data.flatSchema() : data.schema();
    List<Record> rows = data.rows(schema, 1 + random.nextInt(300));
    RandomFilters filters = new RandomFilters(random, schema, rows, true);
    for (int i = 0; i < 100; i++) {
      Expression filter = filters.filter(3);
      RowBits candidates = new RowBits();
      candidates.startFull(rows.size());
      for (int row = 0; row < rows.size(); row++) {
        if (random.nextInt(5) == 0) {
          candidates.clear(row);
        }
      }
      assertThat(kept(schema, rows, filter, candidates))
          .as("-Dfirn.filter.seed=%d, %s over %s", seed / 1000, filter, schema)
          .isEqualTo(expected(schema, rows, filter, candidates));
    }
  }

  private static List<Integer> expected(
      Schema schema, List<Record> rows, Expression filter, RowBits candidates) {
    RowWise reference = new RowWise(schema);
    List<Integer> expected = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      if (candidates.get(row) && reference.passes(filter, rows.get(row))) {
        expected.add(row);
      }
    }
    return expected;
  }

  private List<Integer> kept(
      Schema schema, List<Record> rows, Expression filter, RowBits candidates) {
    RowBits keep = new RowBits();
    keep.startFull(rows.size());
    for (int row = 0; row < rows.size(); row++) {
      if (!candidates.get(row)) {
        keep.clear(row);
      }
    }
    try (ArrowBatchBuilder batch = new ArrowBatchBuilder(schema, allocator)) {
      rows.forEach(batch::add);
      BatchFilter.bind(schema, filter).test(batch.finish(), keep);
    }
    List<Integer> kept = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      if (keep.get(row)) {
        kept.add(row);
      }
    }
    assertThat(keep.count()).isEqualTo(kept.size());
    return kept;
  }

  private List<Integer> kept(Schema schema, List<Record> rows, Expression filter) {
    RowBits all = new RowBits();
    all.startFull(rows.size());
    return kept(schema, rows, filter, all);
  }

  private static List<Record> rows(Schema schema, Object... values) {
    List<Record> rows = new ArrayList<>();
    for (Object value : values) {
      GenericRecord row = GenericRecord.create(schema);
      row.set(0, value);
      rows.add(row);
    }
    return rows;
  }

  @Test
  void ordersEveryNanAboveInfinityAndNegativeZeroBelowZero() {
    Schema schema =
        new Schema(
            optional(1, "f", Types.FloatType.get()), optional(2, "d", Types.DoubleType.get()));
    List<Record> rows = new ArrayList<>();
    int[] floats = {0x7fc00000, 0xffc00000, 0xff800001, 0x7f800000, 0xff800000, 0, 1 << 31};
    long[] doubles = {
      0x7ff8L << 48, -1L, (0xfff0L << 48) + 1, 0x7ff0L << 48, 0xfff0L << 48, 0, 1L << 63
    };
    for (int i = 0; i < floats.length; i++) {
      GenericRecord row = GenericRecord.create(schema);
      row.set(0, Float.intBitsToFloat(floats[i]));
      row.set(1, Double.longBitsToDouble(doubles[i]));
      rows.add(row);
    }
    for (String column : List.of("f", "d")) {
      assertThat(kept(schema, rows, isNaN(column))).containsExactly(0, 1, 2);
      assertThat(kept(schema, rows, notNaN(column))).containsExactly(3, 4, 5, 6);
      assertThat(kept(schema, rows, greaterThan(column, 0.0f))).containsExactly(0, 1, 2, 3);
      assertThat(kept(schema, rows, greaterThan(column, -0.0f))).containsExactly(0, 1, 2, 3, 5);
      assertThat(kept(schema, rows, lessThan(column, 0.0f))).containsExactly(4, 6);
      assertThat(kept(schema, rows, equal(column, 0.0f))).containsExactly(5);
      assertThat(kept(schema, rows, notEqual(column, 0.0f))).containsExactly(0, 1, 2, 3, 4, 6);
      assertThat(kept(schema, rows, lessThanOrEqual(column, Float.NEGATIVE_INFINITY)))
          .containsExactly(4);
    }
  }

  @Test
  void takesAComparisonBeyondTheTypeAsUnknownForNull() {
    Schema schema = new Schema(optional(1, "i", Types.IntegerType.get()));
    List<Record> rows = rows(schema, 1, null, Integer.MAX_VALUE);
    assertThat(kept(schema, rows, lessThan("i", 3_000_000_000L))).containsExactly(0, 2);
    assertThat(kept(schema, rows, notEqual("i", 3_000_000_000L))).containsExactly(0, 2);
    assertThat(kept(schema, rows, greaterThan("i", 3_000_000_000L))).isEmpty();
  }

  @Test
  void comparesTextByCodePointNotByCharacter() {
    Schema schema = new Schema(optional(1, "s", Types.StringType.get()));
    List<Record> rows = rows(schema, "\uFFFD", "\uD834\uDD1E", "z");
    assertThat(kept(schema, rows, greaterThan("s", "\uFFFD"))).containsExactly(1);
    assertThat(kept(schema, rows, lessThan("s", "\uD834\uDD1E"))).containsExactly(0, 2);
  }

  @Test
  void takesAFieldBelowANullStructAsNull() {
    Schema schema =
        new Schema(
            optional(
                1,
                "a",
                Types.StructType.of(
                    required(2, "b", Types.IntegerType.get()),
                    optional(3, "c", Types.ListType.ofOptional(4, Types.LongType.get())))));
    GenericRecord struct = GenericRecord.create(schema.findType("a").asStructType());
    struct.set(0, 7);
    List<Record> rows = rows(schema, struct, null);
    assertThat(kept(schema, rows, equal("a.b", 7))).containsExactly(0);
    assertThat(kept(schema, rows, isNull("a.b"))).containsExactly(1);
    assertThat(kept(schema, rows, isNull("a.c"))).containsExactly(0, 1);
    assertThat(kept(schema, rows, isNull("a"))).containsExactly(1);
    assertThat(BatchFilter.topLevelColumns(schema, equal("a.b", 7))).containsExactly(1);
  }

  @Test
  void namesTheColumnsThatAFilterLooksAt() {
    Schema schema =
        new Schema(
            optional(1, "a", Types.IntegerType.get()),
            optional(2, "b", Types.StringType.get()),
            optional(3, "c", Types.DoubleType.get()));
    Expression filter = or(and(lessThan("a", 3_000_000_000L), isNaN("c")), isNaN("c"));
    assertThat(BatchFilter.topLevelColumns(schema, filter)).containsExactlyInAnyOrder(1, 3);
  }

  @Test
  void refusesWhatCannotBeBound() {
    Schema schema =
        new Schema(optional(1, "l", Types.ListType.ofOptional(2, Types.IntegerType.get())));
    assertThatThrownBy(() -> BatchFilter.bind(schema, equal("x", 1)))
        .isInstanceOf(ValidationException.class)
        .hasMessageContaining("Cannot find field 'x'");
    assertThatThrownBy(() -> BatchFilter.bind(schema, equal("l.element", 1)))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("l.element");
  }

  @Test
  void refusesABatchOfOtherColumns() {
    Schema schema = new Schema(optional(1, "i", Types.IntegerType.get()));
    Schema other = new Schema(optional(1, "i", Types.LongType.get()));
    BatchFilter filter = BatchFilter.bind(schema, equal("i", 1));
    RowBits keep = new RowBits();
    keep.startFull(1);
    try (ArrowBatchBuilder builder = new ArrowBatchBuilder(other, allocator)) {
      rows(other, 1L).forEach(builder::add);
      VectorSchemaRoot batch = builder.finish();
      assertThatThrownBy(() -> filter.test(batch, keep))
          .isInstanceOf(FirnException.class)
          .hasMessageContaining("expected i as Int(32, true), got Int(64, true)");
    }
  }
}
