package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFixture;
import dev.firn.testing.TruthFilter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Random tables against a model of maps: Iceberg's writers make the files, random filters with a
 * three-valued evaluator of their own say what must come out.
 */
class DifferentialTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "i", Types.IntegerType.get()),
          Types.NestedField.optional(3, "s", Types.StringType.get()),
          Types.NestedField.optional(4, "d", Types.DoubleType.get()));
  private static final FileFormat[] FORMATS = {FileFormat.PARQUET, FileFormat.AVRO, FileFormat.ORC};

  /** The past: what a snapshot held, by field id, and its schema. */
  private record Past(long snapshotId, Schema schema, List<Map<Integer, Object>> rows) {}

  private final TableFixture fixture = TableFixture.open();
  private final List<Map<Integer, Object>> model = new ArrayList<>();
  private final List<Past> pasts = new ArrayList<>();
  private Random random = new Random(0);
  private Table table;
  private long nextId;
  private int names;

  @AfterEach
  void close() {
    fixture.close();
  }

  @RepeatedTest(6)
  void scansEqualTheModel(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.scan.seed", 0) + repetition.getCurrentRepetition();
    System.out.println("DifferentialTest -Dfirn.scan.seed=" + (seed - 1));
    run(seed);
  }

  private void run(long seed) {
    random = new Random(seed);
    PartitionSpec spec =
        random.nextBoolean()
            ? PartitionSpec.unpartitioned()
            : PartitionSpec.builderFor(SCHEMA).truncate("s", 1).build();
    table = fixture.create(SCHEMA, spec, 2 + random.nextInt(2));
    for (int step = 0; step < 14; step++) {
      step();
      table.refresh();
      String when = "seed " + seed + " step " + step;
      compare(when, new SnapshotSelector.Current(), table.schema(), model);
      if (table.currentSnapshot() != null) {
        long id = table.currentSnapshot().snapshotId();
        Schema schema = table.schemas().get(table.currentSnapshot().schemaId());
        boolean current = schema.schemaId() == table.schema().schemaId();
        if (current && pasts.stream().noneMatch(past -> past.snapshotId() == id)) {
          pasts.add(new Past(id, schema, copy(model)));
        }
      }
    }
    for (Past past : pasts) {
      compare(
          "seed " + seed + " time travel",
          new SnapshotSelector.ById(past.snapshotId()),
          past.schema(),
          past.rows());
    }
  }

  private static List<Map<Integer, Object>> copy(List<Map<Integer, Object>> rows) {
    return rows.stream().<Map<Integer, Object>>map(HashMap::new).collect(Collectors.toList());
  }

  private void step() {
    switch (random.nextInt(10)) {
      case 0 -> addColumn();
      case 1 -> dropOrRename();
      case 2 -> widen();
      case 3 -> repartition();
      case 4, 5 -> deleteByPosition();
      case 6 -> deleteByEquality();
      default -> appendRows();
    }
  }

  private void appendRows() {
    List<Record> rows = new ArrayList<>();
    for (int n = 1 + random.nextInt(6); n > 0; n--) {
      GenericRecord row = GenericRecord.create(table.schema());
      Map<Integer, Object> values = new HashMap<>();
      for (Types.NestedField field : table.schema().columns()) {
        Object value = field.fieldId() == 1 ? Long.valueOf(nextId++) : value(field.type());
        row.setField(field.name(), value);
        values.put(field.fieldId(), value);
      }
      rows.add(row);
      model.add(values);
    }
    append(table, FORMATS[random.nextInt(3)], rows.toArray(Record[]::new));
  }

  private Object value(Type type) {
    if (random.nextInt(4) == 0) {
      return null;
    }
    return switch (type.typeId()) {
      case INTEGER -> random.nextInt(4);
      case LONG -> (long) random.nextInt(4);
      case STRING -> List.of("a", "ab", "b", "").get(random.nextInt(4));
      case DOUBLE -> random.nextInt(5) == 0 ? Double.NaN : (double) random.nextInt(3);
      default -> throw new IllegalStateException(type.toString());
    };
  }

  private void addColumn() {
    String name = "n" + names++;
    if (TableFixture.formatVersion(table) >= 3 && random.nextInt(3) > 0) {
      int value = random.nextInt(4);
      table.updateSchema().addColumn(name, Types.IntegerType.get(), Literal.of(value)).commit();
      int id = table.schema().findField(name).fieldId();
      model.forEach(row -> row.put(id, value));
    } else {
      table.updateSchema().addColumn(name, Types.IntegerType.get()).commit();
    }
  }

  private List<Types.NestedField> payload() {
    return table.schema().columns().stream()
        .filter(f -> f.fieldId() != 1 && f.fieldId() != 3)
        .toList();
  }

  private void dropOrRename() {
    if (payload().isEmpty()) {
      return;
    }
    Types.NestedField field = payload().get(random.nextInt(payload().size()));
    if (random.nextBoolean()) {
      table.updateSchema().renameColumn(field.name(), "n" + names++).commit();
      return;
    }
    table.updateSchema().deleteColumn(field.name()).commit();
    model.forEach(row -> row.remove(field.fieldId()));
    if (random.nextBoolean()) {
      table.updateSchema().addColumn(field.name(), Types.StringType.get()).commit();
    }
  }

  private void widen() {
    payload().stream()
        .filter(f -> f.type().typeId() == Type.TypeID.INTEGER && f.initialDefault() == null)
        .findFirst()
        .ifPresent(
            field -> {
              table.updateSchema().updateColumn(field.name(), Types.LongType.get()).commit();
              for (Map<Integer, Object> row : model) {
                row.computeIfPresent(field.fieldId(), (id, value) -> ((Number) value).longValue());
              }
            });
  }

  private void repartition() {
    if (table.spec().isPartitioned()) {
      table.updateSpec().removeField(table.spec().fields().get(0).name()).commit();
    } else if (random.nextBoolean()) {
      table.updateSpec().addField("p" + names++, Expressions.bucket("id", 3)).commit();
    } else {
      table.updateSpec().addField("p" + names++, Expressions.ref("s")).commit();
    }
  }

  private void deleteByPosition() {
    List<FileScanTask> tasks = new ArrayList<>();
    table.newScan().planFiles().forEach(tasks::add);
    if (tasks.isEmpty()) {
      return;
    }
    DataFile file = tasks.get(random.nextInt(tasks.size())).file();
    long position = random.nextInt((int) file.recordCount());
    ScanRequest request =
        Scans.where(
            Expressions.and(
                Expressions.equal("_file", file.location()), Expressions.equal("_pos", position)),
            "id");
    List<List<Object>> found = Scans.rows(table, request);
    TableFixture.deleteRows(table, file, position);
    found.forEach(row -> model.removeIf(values -> values.get(1).equals(row.get(0))));
  }

  private void deleteByEquality() {
    if (table.specs().values().stream().noneMatch(PartitionSpec::isUnpartitioned)) {
      return;
    }
    List<Types.NestedField> columns = table.schema().columns();
    Types.NestedField field = columns.get(random.nextInt(columns.size()));
    if (field.type().typeId() == Type.TypeID.DOUBLE) {
      return;
    }
    Object value = field.fieldId() == 1 ? Long.valueOf(nextId / 2) : value(field.type());
    Schema schema = new Schema(field);
    Record key = TableFixture.row(schema, value);
    TableFixture.deleteEqual(table, schema, null, key);
    model.removeIf(row -> java.util.Objects.equals(row.get(field.fieldId()), value));
  }

  private void compare(
      String when, SnapshotSelector at, Schema schema, List<Map<Integer, Object>> rows) {
    for (int i = 0; i < 6; i++) {
      TruthFilter<Map<Integer, Object>> filter =
          i == 0 ? RandomFilter.ALL : RandomFilter.of(random, schema, 2);
      List<Types.NestedField> columns = new ArrayList<>(schema.columns());
      java.util.Collections.shuffle(columns, random);
      columns = columns.subList(0, 1 + random.nextInt(columns.size()));
      List<String> names = columns.stream().map(Types.NestedField::name).toList();
      List<Object> expected = new ArrayList<>();
      for (Map<Integer, Object> row : rows) {
        if (Boolean.TRUE.equals(filter.truth().apply(row))) {
          expected.add(Arrays.asList(columns.stream().map(f -> row.get(f.fieldId())).toArray()));
        }
      }
      ScanRequest request = new ScanRequest(at, names, filter.expression(), ScanRequest.NO_LIMIT);
      List<Object> actual = new ArrayList<>(Scans.rows(table, request));
      assertThat(actual)
          .as("%s: select %s where %s", when, names, filter.expression())
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }
}
