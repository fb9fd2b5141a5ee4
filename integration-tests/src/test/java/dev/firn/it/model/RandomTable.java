package dev.firn.it.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.DeleteReceipt;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.RowWriter;
import dev.firn.TableWriter;
import dev.firn.Terms;
import dev.firn.testing.TruthFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** A table, what it must hold, and random changes of its rows. Confined to one thread. */
final class RandomTable {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "i", Types.IntegerType.get()),
          Types.NestedField.optional(3, "s", Types.StringType.get()),
          Types.NestedField.optional(4, "f", Types.FloatType.get()));
  static final List<String> TERMS =
      List.of("s", "truncate(1, s)", "bucket(3, id)", "i", "bucket(2, i)", "truncate(2, i)");

  final LakeTable table;
  final Random random;
  final Model model = new Model();
  final List<String> log = new ArrayList<>();

  /** By id, as of the last step. */
  private final Map<Long, Long> rowIds = new HashMap<>();

  private final boolean lineage;
  private long nextId;
  private int names;

  RandomTable(Lakehouse lake, String name, Random random) {
    this.random = random;
    int version = 2 + random.nextInt(2);
    boolean partitioned = random.nextBoolean();
    boolean sorted = random.nextInt(3) == 0;
    lineage = version == 3;
    log.add("v" + version + (partitioned ? " partitioned" : "") + (sorted ? " sorted" : ""));
    table =
        lake.createTable(
            name,
            SCHEMA,
            t -> {
              t.formatVersion(version).key("id");
              if (partitioned) {
                t.partitionBy(Terms.parse(TERMS.get(random.nextInt(TERMS.size()))));
              }
              if (sorted) {
                t.sortBy("s", "id");
              }
            });
  }

  /** Returns a name that the table does not have yet. */
  String name(String prefix) {
    return prefix + names++;
  }

  int version() {
    return TableUtil.formatVersion(table.iceberg());
  }

  void append() {
    int batches = 1 + random.nextInt(3);
    log.add("append " + batches + " from " + nextId);
    for (int b = 0; b < batches; b++) {
      try (TableWriter writer = table.append()) {
        model.add(write(writer));
        writer.commit();
      }
      model.remember(table);
    }
  }

  void delete() {
    TruthFilter<Map<Integer, @Nullable Object>> where = predicate();
    log.add("delete " + where.expression());
    List<Map<Integer, @Nullable Object>> left = model.without(where);
    long gone = (long) model.head.size() - left.size();
    DeleteReceipt receipt = table.delete(where.expression());
    assertThat(receipt.rows()).isEqualTo(gone);
    assertThat(receipt.commit().isPresent()).isEqualTo(gone > 0);
    model.head = left;
  }

  void overwrite() {
    TruthFilter<Map<Integer, @Nullable Object>> where = predicate();
    log.add("overwrite " + where.expression());
    try (TableWriter writer = table.overwrite(where.expression())) {
      model.head = Model.plus(model.without(where), write(writer));
      writer.commit();
    }
  }

  /** By an engine that only knows Iceberg. */
  void deleteByEquality() {
    List<Types.NestedField> columns = table.schema().columns();
    Types.NestedField column = columns.get(random.nextInt(columns.size()));
    if (model.head.isEmpty() || isFloating(column.type())) {
      return;
    }
    Map<Integer, @Nullable Object> like =
        model.full(model.head.get(random.nextInt(model.head.size())));
    Object value = like.get(column.fieldId());
    log.add("delete by equality " + column.name() + " = " + value);
    ForeignDeletes.byEquality(table.iceberg(), column, Model.typed(column.type(), value));
    model.head =
        model.head.stream()
            .filter(row -> !java.util.Objects.equals(model.full(row).get(column.fieldId()), value))
            .toList();
  }

  private static boolean isFloating(Type type) {
    return type.typeId() == Type.TypeID.FLOAT || type.typeId() == Type.TypeID.DOUBLE;
  }

  /** By an engine that only knows Iceberg. */
  void deleteByPosition() {
    List<Record> rows = table.scan().select(column(1), "_file", "_pos").toList();
    if (rows.isEmpty()) {
      return;
    }
    List<Integer> gone = ForeignDeletes.byPosition(table.iceberg(), rows, random);
    Set<Object> ids = new HashSet<>();
    gone.forEach(i -> ids.add(rows.get(i).get(0)));
    log.add("delete by position " + ids);
    model.head = model.head.stream().filter(row -> !ids.contains(row.get(1))).toList();
  }

  String column(int fieldId) {
    return table.schema().findColumnName(fieldId);
  }

  TruthFilter<Map<Integer, @Nullable Object>> predicate() {
    return RandomPredicate.of(random, table.schema(), 2);
  }

  List<Map<Integer, @Nullable Object>> write(RowWriter writer) {
    List<Map<Integer, @Nullable Object>> rows = new ArrayList<>();
    for (int n = 1 + random.nextInt(8); n > 0; n--) {
      Record row = row(writer.schema(), nextId++);
      writer.write(row);
      rows.add(Model.values(writer.schema(), row));
    }
    return rows;
  }

  /** An id that is there, was there, or is new. */
  long anyId() {
    return nextId == 0 || random.nextInt(4) == 0 ? nextId++ : random.nextLong(nextId);
  }

  Record row(Schema schema, long id) {
    GenericRecord row = GenericRecord.create(schema);
    for (Types.NestedField field : schema.columns()) {
      row.setField(field.name(), field.fieldId() == 1 ? Long.valueOf(id) : value(field.type()));
    }
    return row;
  }

  @Nullable Object value(Type type) {
    if (random.nextInt(5) == 0) {
      return null;
    }
    return switch (type.typeId()) {
      case INTEGER -> random.nextInt(5);
      case LONG -> random.nextInt(4) == 0 ? 5_000_000_000L : (long) random.nextInt(5);
      case FLOAT -> random.nextInt(6) == 0 ? Float.NaN : (float) random.nextInt(4);
      case DOUBLE -> random.nextInt(6) == 0 ? Double.NaN : (double) random.nextInt(4);
      default -> List.of("a", "ab", "abc", "b", "c").get(random.nextInt(5));
    };
  }

  /** From here on rows may have other row ids: they were written anew, or are those of the past. */
  void forgetRowIds() {
    rowIds.clear();
  }

  /** A row keeps its row id, from one step to the next, whatever happens to the files it is in. */
  void checkRowIds() {
    if (!lineage) {
      return;
    }
    Map<Long, Long> now = new HashMap<>();
    Set<Object> seen = new HashSet<>();
    for (Record row : table.scan().select(column(1), "_row_id").toList()) {
      Long id = (Long) row.get(0);
      Long rowId = (Long) row.get(1);
      assertThat(rowId).isNotNull();
      assertThat(seen.add(rowId)).as("row id %s is unique", rowId).isTrue();
      assertThat(rowId).as("row id of %s", id).isEqualTo(rowIds.getOrDefault(id, rowId));
      now.put(id, rowId);
    }
    rowIds.clear();
    rowIds.putAll(now);
  }
}
