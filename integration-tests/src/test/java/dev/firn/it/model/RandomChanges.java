package dev.firn.it.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.StreamWriter;
import dev.firn.TableWriter;
import dev.firn.change.ChangeReceipt;
import dev.firn.testing.TruthFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** Random updates, merges and upserts of a table, by key and by predicate. */
final class RandomChanges {
  private final RandomTable at;
  private final Random random;
  private final Model model;

  RandomChanges(RandomTable at) {
    this.at = at;
    this.random = at.random;
    this.model = at.model;
  }

  /** Merge-on-read or copy-on-write, for each command. */
  void changeModes() {
    Map<String, String> modes = new HashMap<>();
    for (String command : List.of("delete", "update", "merge")) {
      modes.put(
          "write." + command + ".mode", random.nextBoolean() ? "copy-on-write" : "merge-on-read");
    }
    at.log.add(modes.toString());
    at.table.setProperties(modes);
  }

  void update() {
    TruthFilter<Map<Integer, @Nullable Object>> where = at.predicate();
    List<Types.NestedField> columns = at.table.schema().columns();
    Types.NestedField column = columns.get(1 + random.nextInt(columns.size() - 1));
    Object value = at.value(column.type());
    at.log.add("update " + column.name() + " = " + value + " where " + where.expression());
    ChangeReceipt receipt = at.table.update(where.expression()).set(column.name(), value).run();
    int changed =
        model.update(
            where,
            row -> {
              row.put(column.fieldId(), Model.plain(value));
              return row;
            });
    assertThat(receipt.rows()).isEqualTo(changed);
  }

  /** Matched rows are updated, or deleted where the key is even; the others are inserted. */
  void merge() {
    boolean deletes = random.nextInt(3) == 0;
    List<Record> source = distinct(at.table.schema());
    at.log.add("merge " + ids(source) + (deletes ? " deleting even ones" : ""));
    var merge = at.table.merge(source).on(at.column(1));
    if (deletes) {
      merge = merge.whenMatched((target, row) -> (Long) row.get(0) % 2 == 0).delete();
    }
    merge.whenMatched().updateAll().whenNotMatched().insertAll().run();
    Map<Object, Map<Integer, @Nullable Object>> byId = byId(source);
    List<Map<Integer, @Nullable Object>> rows = new ArrayList<>();
    Set<Object> matched = new HashSet<>();
    for (Map<Integer, @Nullable Object> row : model.head) {
      Map<Integer, @Nullable Object> change = byId.get(row.get(1));
      if (change == null) {
        rows.add(row);
      } else {
        matched.add(row.get(1));
        if (!deletes || (Long) row.get(1) % 2 != 0) {
          rows.add(change);
        }
      }
    }
    byId.forEach(
        (id, row) -> {
          if (!matched.contains(id)) {
            rows.add(row);
          }
        });
    model.head = rows;
  }

  /** Replaces the partitions, of the spec of today, that rows are written to. */
  void overwritePartitions() {
    Table now = at.table.iceberg();
    at.log.add("overwrite partitions of " + now.spec());
    List<Map<Integer, @Nullable Object>> rows;
    try (TableWriter writer = at.table.overwritePartitions()) {
      rows = at.write(writer);
      writer.commit();
    }
    Set<String> written = new HashSet<>();
    rows.forEach(row -> written.add(partition(now, row)));
    model.head =
        Model.plus(
            model.head.stream()
                .filter(row -> !written.contains(partition(now, model.full(row))))
                .toList(),
            rows);
  }

  private static String partition(Table now, Map<Integer, @Nullable Object> values) {
    Record row = GenericRecord.create(now.schema());
    for (Types.NestedField field : now.schema().columns()) {
      row.setField(field.name(), Model.typed(field.type(), values.get(field.fieldId())));
    }
    PartitionKey key = new PartitionKey(now.spec(), now.schema());
    key.partition(new InternalRecordWrapper(now.schema().asStruct()).wrap(row));
    return key.toPath();
  }

  /** A batch of a stream: rows put and taken by key, the last change of a key wins. */
  void upsert() {
    Map<Long, Map<Integer, @Nullable Object>> last = new LinkedHashMap<>();
    List<String> shown = new ArrayList<>();
    try (StreamWriter stream = at.table.stream("changes")) {
      for (int n = 1 + random.nextInt(10); n > 0; n--) {
        Record row = at.row(stream.schema(), at.anyId());
        Long id = (Long) row.get(0);
        if (random.nextInt(4) == 0) {
          stream.delete(row);
          last.put(id, Map.of());
          shown.add("-" + id);
        } else {
          stream.upsert(row);
          last.put(id, Model.values(stream.schema(), row));
          shown.add("+" + id);
        }
      }
      stream.commit(at.name("token"));
    }
    at.log.add("upsert " + shown);
    List<Map<Integer, @Nullable Object>> rows = new ArrayList<>();
    model.head.stream().filter(row -> !last.containsKey((Long) row.get(1))).forEach(rows::add);
    last.values().stream().filter(row -> !row.isEmpty()).forEach(rows::add);
    model.head = rows;
    at.forgetRowIds();
  }

  private Map<Object, Map<Integer, @Nullable Object>> byId(List<Record> rows) {
    Map<Object, Map<Integer, @Nullable Object>> byId = new HashMap<>();
    rows.forEach(row -> byId.put(row.get(0), Model.values(at.table.schema(), row)));
    return byId;
  }

  /** A few rows of different keys, some of which are there. */
  private List<Record> distinct(Schema schema) {
    List<Record> rows = new ArrayList<>();
    Set<Long> ids = new HashSet<>();
    for (int n = 1 + random.nextInt(6); n > 0; n--) {
      long id = at.anyId();
      if (ids.add(id)) {
        rows.add(at.row(schema, id));
      }
    }
    return rows;
  }

  private static String ids(List<Record> rows) {
    return rows.stream().map(row -> String.valueOf(row.get(0))).collect(Collectors.joining(","));
  }
}
