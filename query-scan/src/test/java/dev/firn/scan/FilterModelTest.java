package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFixture;
import dev.firn.testing.TruthFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * NaN, zeros of either sign, nulls, promoted types, defaults and nested fields in files of every
 * format: filters, counts, minima and maxima against an evaluator of their own.
 */
class FilterModelTest {
  private static final double[] DOUBLES = {
    -0.0, 0.0, 1, 2, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
  };
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "d", Types.DoubleType.get()),
          Types.NestedField.optional(3, "f", Types.FloatType.get()),
          Types.NestedField.optional(4, "i", Types.IntegerType.get()),
          Types.NestedField.optional(
              5,
              "s",
              Types.StructType.of(
                  Types.NestedField.optional(6, "x", Types.DoubleType.get()),
                  Types.NestedField.optional(7, "t", Types.StringType.get()))));

  private final TableFixture fixture = TableFixture.open();
  private final List<Map<Integer, Object>> model = new ArrayList<>();
  private Random random = new Random(0);
  private long nextId;

  @AfterEach
  void close() {
    fixture.close();
  }

  @RepeatedTest(4)
  void rowsAndAggregatesEqualTheModel(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.scan.seed", 0) + repetition.getCurrentRepetition();
    random = new Random(seed);
    PartitionSpec spec =
        switch (random.nextInt(3)) {
          case 0 -> PartitionSpec.unpartitioned();
          case 1 -> PartitionSpec.builderFor(SCHEMA).identity("d").build();
          default -> PartitionSpec.builderFor(SCHEMA).truncate("i", 2).identity("f").build();
        };
    Table table = fixture.create(SCHEMA, spec, 3);
    appendSome(table);
    table.updateSchema().addColumn("n", Types.IntegerType.get(), Literal.of(2)).commit();
    int added = table.schema().findField("n").fieldId();
    model.forEach(row -> row.put(added, 2));
    appendSome(table);
    if (spec.isUnpartitioned()) {
      table.updateSchema().updateColumn("i", Types.LongType.get()).commit();
      table.updateSchema().updateColumn("f", Types.DoubleType.get()).commit();
      model.forEach(row -> row.computeIfPresent(4, (id, v) -> ((Number) v).longValue()));
      model.forEach(row -> row.computeIfPresent(3, (id, v) -> ((Number) v).doubleValue()));
    }
    appendSome(table);
    if (random.nextBoolean()) {
      deleteOne(table);
    }
    for (int i = 0; i < 20; i++) {
      compare("-Dfirn.scan.seed=" + (seed - 1), table);
    }
  }

  private void appendSome(Table table) {
    for (FileFormat format : List.of(FileFormat.PARQUET, FileFormat.AVRO, FileFormat.ORC)) {
      Record[] rows = new Record[1 + random.nextInt(5)];
      boolean alike = random.nextBoolean();
      double one = DOUBLES[random.nextInt(DOUBLES.length)];
      for (int n = 0; n < rows.length; n++) {
        rows[n] = row(table.schema(), alike ? one : null);
      }
      append(table, format, rows);
    }
  }

  private Record row(Schema schema, Double all) {
    GenericRecord row = GenericRecord.create(schema);
    Map<Integer, Object> values = new HashMap<>();
    fill(row, schema.columns(), values, all);
    model.add(values);
    return row;
  }

  private void fill(
      GenericRecord row, List<Types.NestedField> fields, Map<Integer, Object> values, Double all) {
    for (Types.NestedField field : fields) {
      Object value = value(field.type(), all);
      if (field.fieldId() == 1) {
        value = nextId++;
      } else if (field.type().isStructType() && value != null) {
        GenericRecord nested = GenericRecord.create(field.type().asStructType());
        fill(nested, field.type().asStructType().fields(), values, all);
        value = nested;
      }
      row.setField(field.name(), value);
      if (!field.type().isStructType()) {
        values.put(field.fieldId(), value);
      }
    }
  }

  private Object value(Type type, Double all) {
    if (random.nextInt(6) == 0) {
      return null;
    }
    double floating = all == null ? DOUBLES[random.nextInt(DOUBLES.length)] : all;
    return switch (type.typeId()) {
      case INTEGER -> random.nextInt(4);
      case LONG -> (long) random.nextInt(4);
      case DOUBLE -> floating;
      case FLOAT -> (float) floating;
      case STRING -> List.of("a", "ab", "b").get(random.nextInt(3));
      default -> "";
    };
  }

  private void deleteOne(Table table) {
    List<DataFile> files = new ArrayList<>();
    table.newScan().planFiles().forEach(task -> files.add(task.file()));
    DataFile file = files.get(random.nextInt(files.size()));
    List<List<Object>> before =
        Scans.rows(
            table, Scans.where(and(equal("_file", file.location()), equal("_pos", 0L)), "id"));
    deleteRows(table, file, 0);
    before.forEach(row -> model.removeIf(values -> values.get(1).equals(row.get(0))));
  }

  private void compare(String seed, Table table) {
    Schema flat = flat(table.schema());
    TruthFilter<Map<Integer, Object>> filter =
        random.nextInt(10) == 0 ? RandomFilter.ALL : RandomFilter.of(random, flat, 2);
    List<Map<Integer, Object>> expected =
        model.stream().filter(row -> Boolean.TRUE.equals(filter.truth().apply(row))).toList();
    String where = seed + " where " + filter.expression();
    ScanRequest request = Scans.where(filter.expression(), "id", "d");
    assertThat(Scans.rows(table, request))
        .as(where)
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().map(row -> Arrays.asList(row.get(1), row.get(2))).toList());
    TableScanner scanner = new TableScanner(table);
    Types.NestedField column = flat.columns().get(random.nextInt(flat.columns().size()));
    List<Object> values =
        expected.stream().map(row -> row.get(column.fieldId())).filter(Objects::nonNull).toList();
    try (BufferAllocator allocator = new RootAllocator(64 << 20)) {
      assertThat(scanner.count(request, allocator)).as(where).isEqualTo(expected.size());
      assertThat(scanner.extreme(request, column.name(), Extreme.LOWEST, allocator))
          .as("min %s %s", column, where)
          .isEqualTo(values.stream().min(order()));
      assertThat(scanner.extreme(request, column.name(), Extreme.HIGHEST, allocator))
          .as("max %s %s", column, where)
          .isEqualTo(values.stream().max(order()));
    }
  }

  /** Nested fields under their paths, as filters name them. */
  private static Schema flat(Schema schema) {
    List<Types.NestedField> fields = new ArrayList<>();
    for (Types.NestedField field : schema.columns()) {
      if (field.type().isStructType()) {
        for (Types.NestedField nested : field.type().asStructType().fields()) {
          fields.add(
              Types.NestedField.optional(
                  nested.fieldId(), field.name() + "." + nested.name(), nested.type()));
        }
      } else {
        fields.add(field);
      }
    }
    return new Schema(fields);
  }

  private static Comparator<Object> order() {
    return (a, b) ->
        a instanceof Number left && b instanceof Number right
            ? Double.compare(left.doubleValue(), right.doubleValue())
            : a.toString().compareTo(b.toString());
  }
}
