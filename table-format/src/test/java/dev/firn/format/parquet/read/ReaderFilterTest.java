package dev.firn.format.parquet.read;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.Shown;
import dev.firn.format.parquet.filter.RowGroupPruner;
import dev.firn.testing.ArrowLeakCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Filters and predicates keep exactly their rows, however they are come by. */
@ExtendWith(ArrowLeakCheck.class)
class ReaderFilterTest {
  private static final int ROWS = 5000;

  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(2, "name", Types.StringType.get()),
          optional(3, "tags", Types.ListType.ofOptional(4, Types.StringType.get())),
          optional(
              5,
              "point",
              Types.StructType.of(
                  optional(6, "x", Types.IntegerType.get()),
                  optional(7, "y", Types.DoubleType.get()))),
          optional(8, "flag", Types.BooleanType.get()),
          optional(
              9,
              "counts",
              Types.MapType.ofOptional(10, 11, Types.StringType.get(), Types.IntegerType.get())));

  private static final List<Record> RECORDS = records();
  private static final InputFile FILE =
      ParquetFiles.write(SCHEMA, RECORDS, ParquetFiles.small(1500, 200));

  private static List<Record> records() {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      GenericRecord row = GenericRecord.create(SCHEMA);
      row.setField("id", (long) i);
      row.setField("name", i % 7 == 0 ? null : "name" + i % 50);
      row.setField("tags", i % 5 == 0 ? null : tags(i % 4));
      if (i % 3 != 0) {
        GenericRecord point = GenericRecord.create(SCHEMA.findType("point").asStructType());
        point.setField("x", i % 11 == 0 ? null : i);
        point.setField("y", i / 2.0);
        row.setField("point", point);
      }
      row.setField("flag", i % 6 == 0 ? null : i % 2 == 0);
      row.setField("counts", i % 9 == 0 ? null : Map.of("a" + i % 3, i));
      rows.add(row);
    }
    return rows;
  }

  private static List<String> tags(int count) {
    List<String> tags = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tags.add(i == 1 ? null : "tag" + i);
    }
    return tags;
  }

  private interface Wanted {
    boolean test(Record row, int position);
  }

  private static List<Object> expected(Wanted wanted) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      if (wanted.test(RECORDS.get(i), i)) {
        rows.add(RECORDS.get(i));
      }
    }
    return Shown.all(rows);
  }

  /** Whatever is switched off, the rows are the same. */
  private static void check(
      Expression filter,
      Wanted wanted,
      BufferAllocator allocator,
      UnaryOperator<ParquetReader.Builder> further) {
    List<Object> expected = expected(wanted);
    for (boolean eager : new boolean[] {false, true}) {
      for (RowGroupPruner.Means means :
          List.of(RowGroupPruner.Means.ALL, RowGroupPruner.Means.NONE)) {
        List<Object> rows =
            ParquetFiles.read(
                FILE,
                SCHEMA,
                builder -> {
                  ParquetReader.Builder made =
                      further.apply(builder.filter(SCHEMA, filter).pruning(means).batchRows(333));
                  return eager ? made.eager() : made;
                },
                allocator);
        assertThat(rows).as("%s eager %s %s", filter, eager, means).isEqualTo(expected);
      }
    }
  }

  private static void check(Expression filter, Wanted wanted, BufferAllocator allocator) {
    check(filter, wanted, allocator, builder -> builder);
  }

  @Test
  void keepsARangeThatRulesOutRowGroupsAndPages(BufferAllocator allocator) {
    check(
        Expressions.and(
            Expressions.greaterThanOrEqual("id", 1400L), Expressions.lessThan("id", 3900L)),
        (row, i) -> i >= 1400 && i < 3900,
        allocator);
  }

  @Test
  void keepsScatteredRows(BufferAllocator allocator) {
    check(
        Expressions.equal("name", "name8"),
        (row, i) -> "name8".equals(row.getField("name")),
        allocator);
  }

  @Test
  void keepsRowsByANestedField(BufferAllocator allocator) {
    check(
        Expressions.greaterThan("point.x", 2500),
        (row, i) -> i % 3 != 0 && i % 11 != 0 && i > 2500,
        allocator);
  }

  @Test
  void keepsNoRow(BufferAllocator allocator) {
    check(Expressions.equal("name", "nobody"), (row, i) -> false, allocator);
    check(Expressions.alwaysFalse(), (row, i) -> false, allocator);
  }

  @Test
  void keepsAllRows(BufferAllocator allocator) {
    check(Expressions.alwaysTrue(), (row, i) -> true, allocator);
    check(Expressions.greaterThanOrEqual("id", 0L), (row, i) -> true, allocator);
  }

  @Test
  void keepsRowsThatAreNeitherFilteredNorDeletedNorRefused(BufferAllocator allocator) {
    Schema ids = SCHEMA.select("id");
    check(
        Expressions.isNull("flag"),
        (row, i) -> i % 6 == 0 && i % 4 != 0 && i % 30 != 6,
        allocator,
        builder ->
            builder
                .deletes(Positions.every(4, ROWS))
                .keep(
                    ids,
                    (batch, keep) -> {
                      BigIntVector id = (BigIntVector) batch.getVector("id");
                      for (int i = 0; i < keep.rows(); i++) {
                        if (id.get(i) % 30 == 6) {
                          keep.clear(i);
                        }
                      }
                    }));
  }

  @Test
  void testsColumnsThatAreNotProjected(BufferAllocator allocator) {
    Schema projection = SCHEMA.select("tags", "counts");
    List<Object> rows =
        ParquetFiles.read(
            FILE,
            projection,
            builder -> builder.filter(SCHEMA, Expressions.lessThan("id", 3L)),
            allocator);

    assertThat(rows).hasSize(3).first().isEqualTo(java.util.Arrays.asList(null, null));
  }

  @Test
  void knowsThePositionsOfTheRowsThatStay(BufferAllocator allocator) {
    Schema projection = new Schema(MetadataColumns.ROW_POSITION);
    List<Object> rows =
        ParquetFiles.read(
            FILE,
            projection,
            builder ->
                builder.filter(
                    SCHEMA,
                    Expressions.or(Expressions.equal("id", 3L), Expressions.equal("id", 4444L))),
            allocator);

    assertThat(rows).isEqualTo(List.of(List.of(3L), List.of(4444L)));
  }

  @Test
  void leavesTheOtherColumnsOfPagesWithoutSurvivorsUndecoded(BufferAllocator allocator) {
    long all = pagesDecoded(Expressions.greaterThanOrEqual("id", 0L), allocator);
    long one = pagesDecoded(Expressions.equal("id", 2222L), allocator);

    assertThat(one).isLessThan(all / 2);
  }

  private static long pagesDecoded(Expression filter, BufferAllocator allocator) {
    try (ParquetReader reader =
        ParquetReader.of(FILE, SCHEMA)
            .filter(SCHEMA, filter)
            .pruning(RowGroupPruner.Means.NONE)
            .open(allocator)) {
      int rows = 0;
      while (reader.next()) {
        rows += reader.root().getRowCount();
      }
      assertThat(rows).isPositive();
      return reader.counters().pagesDecoded();
    }
  }
}
