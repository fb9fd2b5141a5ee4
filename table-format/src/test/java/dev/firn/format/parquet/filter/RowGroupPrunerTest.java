package dev.firn.format.parquet.filter;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.greaterThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.in;
import static org.apache.iceberg.expressions.Expressions.isNull;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.apache.iceberg.expressions.Expressions.lessThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.not;
import static org.apache.iceberg.expressions.Expressions.notEqual;
import static org.apache.iceberg.expressions.Expressions.notNull;
import static org.apache.iceberg.expressions.Expressions.or;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.RandomRows;
import dev.firn.testing.ArrowLeakCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class RowGroupPrunerTest {
  static final List<RowGroupPruner.Means> MEANS =
      List.of(
          RowGroupPruner.Means.ALL,
          RowGroupPruner.Means.NONE,
          new RowGroupPruner.Means(true, false, false, false),
          new RowGroupPruner.Means(false, true, false, false),
          new RowGroupPruner.Means(false, false, true, false),
          new RowGroupPruner.Means(false, false, false, true));

  private static final RowGroupPruner.Means STATISTICS =
      new RowGroupPruner.Means(true, false, false, false);

  private static final Schema NUMBERS =
      new Schema(required(1, "n", Types.LongType.get()), optional(2, "d", Types.DoubleType.get()));

  /** 100 rows in 5 groups: {@code n} counts up; {@code d} is as given for each row. */
  private static PrunedFile numbers(IntFunction<Double> values) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Record row = GenericRecord.create(NUMBERS);
      row.set(0, (long) i);
      row.set(1, values.apply(i));
      rows.add(row);
    }
    PrunedFile file = PrunedFile.write(NUMBERS, rows, PrunedFile.small(20));
    assertThat(file.groups()).hasSize(5);
    return file;
  }

  private static List<Integer> groupsKept(
      PrunedFile file, Expression filter, RowGroupPruner.Means means, BufferAllocator allocator) {
    List<RowRanges> ranges = file.mayMatch(NUMBERS, filter, means, allocator);
    return IntStream.range(0, ranges.size()).filter(i -> !ranges.get(i).isEmpty()).boxed().toList();
  }

  @Test
  void rulesOutRowGroupsByTheirBounds(BufferAllocator allocator) {
    PrunedFile file = numbers(i -> null);
    assertThat(groupsKept(file, lessThan("n", 20), STATISTICS, allocator)).containsExactly(0);
    assertThat(groupsKept(file, lessThanOrEqual("n", 20), STATISTICS, allocator))
        .containsExactly(0, 1);
    assertThat(groupsKept(file, greaterThan("n", 79), STATISTICS, allocator)).containsExactly(4);
    assertThat(groupsKept(file, greaterThanOrEqual("n", 79), STATISTICS, allocator))
        .containsExactly(3, 4);
    assertThat(groupsKept(file, in("n", 5, 45, 200), STATISTICS, allocator)).containsExactly(0, 2);
    assertThat(groupsKept(file, or(equal("n", 1), equal("n", 99)), STATISTICS, allocator))
        .containsExactly(0, 4);
    assertThat(
            groupsKept(
                file, not(or(lessThan("n", 45), greaterThan("n", 50))), STATISTICS, allocator))
        .containsExactly(2);
    assertThat(file.reads()).isZero();
  }

  @Test
  void rulesOutRowGroupsByTheirNulls(BufferAllocator allocator) {
    PrunedFile file = numbers(i -> i < 20 ? null : i < 40 ? (Double) 1.5 : i % 2 == 0 ? null : 2.5);
    assertThat(groupsKept(file, isNull("d"), STATISTICS, allocator)).containsExactly(0, 2, 3, 4);
    assertThat(groupsKept(file, notNull("d"), STATISTICS, allocator)).containsExactly(1, 2, 3, 4);
    assertThat(groupsKept(file, equal("d", 1.5), STATISTICS, allocator)).containsExactly(1);
  }

  @Test
  void countsOnNanAboveAnyBound(BufferAllocator allocator) {
    PrunedFile file = numbers(i -> i == 30 ? Double.NaN : 1.5);
    assertThat(groupsKept(file, greaterThan("d", 9.0), STATISTICS, allocator))
        .containsExactly(0, 1, 2, 3, 4);
    assertThat(groupsKept(file, notEqual("d", 1.5), STATISTICS, allocator)).contains(1);
    assertThat(groupsKept(file, lessThan("d", 1.0), STATISTICS, allocator)).doesNotContain(0, 2);
  }

  @RepeatedTest(10)
  void neverRulesOutAMatchingRow(RepetitionInfo repetition, BufferAllocator allocator) {
    long seed = Long.getLong("firn.prune.seed", 3) * 1000 + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    RandomRows data = new RandomRows(random);
    Schema schema = withoutVariants(random.nextBoolean() ? data.flatSchema() : data.schema());
    List<Record> rows = rows(random, data, schema);
    PrunedFile file = PrunedFile.write(schema, rows, properties(random, schema));
    RandomFilters filters = new RandomFilters(random, schema, rows, true);
    for (int i = 0; i < 60; i++) {
      Expression filter = filters.filter(2);
      for (RowGroupPruner.Means means : MEANS) {
        assertThat(
                lost(schema, rows, filter, file.mayMatch(schema, filter, means, allocator), file))
            .as("-Dfirn.prune.seed=%d, %s of %s by %s", seed / 1000, filter, schema, means)
            .isEmpty();
      }
    }
  }

  /** The rows that match and were ruled out. */
  static List<Record> lost(
      Schema schema, List<Record> rows, Expression filter, List<RowRanges> kept, PrunedFile file) {
    RowWise reference = new RowWise(schema);
    List<Record> lost = new ArrayList<>();
    int first = 0;
    for (int group = 0; group < kept.size(); group++) {
      int count = (int) file.groups().get(group).getRowCount();
      for (int i = 0; i < count; i++) {
        int row = i;
        boolean isKept =
            kept.get(group).ranges().stream()
                .anyMatch(range -> range.from() <= row && row < range.to());
        if (!isKept && reference.passes(filter, rows.get(first + i))) {
          lost.add(rows.get(first + i));
        }
      }
      assertThat(kept.get(group).rows()).isLessThanOrEqualTo(count);
      first += count;
    }
    assertThat(first).isEqualTo(rows.size());
    return lost;
  }

  private static Schema withoutVariants(Schema schema) {
    // Iceberg's generic writer cannot write all of them; they rule nothing out anyway.
    List<NestedField> columns = new ArrayList<>(schema.columns());
    columns.removeIf(column -> column.type().toString().contains("variant"));
    columns.add(optional(10_001, "few", Types.IntegerType.get()));
    columns.add(required(10_002, "ascending", Types.LongType.get()));
    columns.add(optional(10_003, "text", Types.StringType.get()));
    return new Schema(columns);
  }

  private static List<Record> rows(Random random, RandomRows data, Schema schema) {
    List<Record> rows = data.rows(schema, 50 + random.nextInt(250));
    String wide = "x".repeat(random.nextInt(100));
    for (int i = 0; i < rows.size(); i++) {
      Record row = rows.get(i);
      row.setField("few", i / 40 % 3 == 0 ? null : (Object) (random.nextInt(5) + i / 20));
      row.setField("ascending", 10L * i);
      row.setField("text", i / 30 % 3 == 0 ? null : wide + "ü" + i / 10);
    }
    return rows;
  }

  private static Map<String, String> properties(Random random, Schema schema) {
    Map<String, String> properties =
        random.nextInt(4) == 0
            ? PrunedFile.small(20 + random.nextInt(60))
            : PrunedFile.pages(random.nextInt(20_000) + 1000, 3 + random.nextInt(20));
    if (random.nextBoolean()) {
      properties.put("write.parquet.dict-size-bytes", "" + (64 + random.nextInt(200)));
    }
    properties.put("write.parquet.bloom-filter-max-bytes", "" + (32 << random.nextInt(6)));
    if (random.nextBoolean()) {
      schema
          .columns()
          .forEach(
              column ->
                  properties.put(
                      "write.parquet.bloom-filter-enabled.column." + column.name(), "true"));
    }
    return properties;
  }
}
