package dev.firn.it.model;

import dev.firn.LakeTable;
import dev.firn.testing.TruthFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.jspecify.annotations.Nullable;

/**
 * What a table must hold: rows as values by field id, whole numbers as long and floating ones as
 * double, of main, of each branch, and of every snapshot that main had. Confined to one thread.
 */
final class Model {
  /** What a snapshot held. */
  record Past(long snapshot, List<Map<Integer, @Nullable Object>> rows) {}

  final Map<Long, Past> pasts = new LinkedHashMap<>();
  final Map<String, List<Map<Integer, @Nullable Object>>> branches = new TreeMap<>();
  final Map<String, Long> tags = new TreeMap<>();
  final Map<Integer, Object> defaults = new HashMap<>();
  List<Map<Integer, @Nullable Object>> head = List.of();

  /** The row as it reads now: with defaults of columns that came after it. */
  Map<Integer, @Nullable Object> full(Map<Integer, @Nullable Object> row) {
    Map<Integer, @Nullable Object> all = new HashMap<>(defaults);
    all.putAll(row);
    return all;
  }

  List<Map<Integer, @Nullable Object>> matching(TruthFilter<Map<Integer, @Nullable Object>> where) {
    return head.stream().filter(row -> where.holds(full(row))).toList();
  }

  List<Map<Integer, @Nullable Object>> without(TruthFilter<Map<Integer, @Nullable Object>> where) {
    return head.stream().filter(row -> !where.holds(full(row))).toList();
  }

  /** Changes the rows that satisfy the filter; returns how many. */
  int update(
      TruthFilter<Map<Integer, @Nullable Object>> where,
      UnaryOperator<Map<Integer, @Nullable Object>> change) {
    int changed = 0;
    List<Map<Integer, @Nullable Object>> rows = new ArrayList<>();
    for (Map<Integer, @Nullable Object> row : head) {
      boolean hit = where.holds(full(row));
      rows.add(hit ? change.apply(full(row)) : row);
      changed += hit ? 1 : 0;
    }
    head = rows;
    return changed;
  }

  void add(List<Map<Integer, @Nullable Object>> rows) {
    head = plus(head, rows);
  }

  static List<Map<Integer, @Nullable Object>> plus(
      List<Map<Integer, @Nullable Object>> some, List<Map<Integer, @Nullable Object>> more) {
    List<Map<Integer, @Nullable Object>> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  void remember(LakeTable table) {
    Snapshot current = table.iceberg().currentSnapshot();
    if (current != null) {
      pasts.putIfAbsent(current.snapshotId(), new Past(current.snapshotId(), head));
    }
  }

  Past anyPast(Random random) {
    List<Past> all = List.copyOf(pasts.values());
    return all.get(random.nextInt(all.size()));
  }

  /** Rows as they read in a schema, in no order. */
  List<String> shown(Schema schema, List<Map<Integer, @Nullable Object>> rows) {
    return rows.stream().map(row -> shown(schema, full(row))).sorted().toList();
  }

  static List<String> read(Schema schema, List<Record> rows) {
    return rows.stream().map(row -> shown(schema, values(schema, row))).sorted().toList();
  }

  /** The first columns of a row, which are those of the schema. */
  static Map<Integer, @Nullable Object> values(Schema schema, Record row) {
    Map<Integer, @Nullable Object> values = new HashMap<>();
    IntStream.range(0, schema.columns().size())
        .forEach(i -> values.put(schema.columns().get(i).fieldId(), plain(row.get(i))));
    return values;
  }

  static String shown(Schema schema, Map<Integer, @Nullable Object> row) {
    return schema.columns().stream()
        .map(field -> field.fieldId() + "=" + row.get(field.fieldId()))
        .collect(Collectors.joining(" "));
  }

  /** The opposite of {@link #plain}. */
  static @Nullable Object typed(Type type, @Nullable Object plain) {
    if (plain == null) {
      return null;
    }
    return switch (type.typeId()) {
      case INTEGER -> (Object) Math.toIntExact((Long) plain);
      case FLOAT -> (Object) ((Double) plain).floatValue();
      default -> plain;
    };
  }

  static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof Integer i) {
      return i.longValue();
    }
    return value instanceof Float f ? Double.valueOf(f.doubleValue()) : value;
  }
}
