package dev.firn.change;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TransactionTable;
import dev.firn.TransactionWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random changes of rows, against a list of rows in memory. */
class RandomRowChangesTest {
  private static final long SEED = Long.getLong("firn.rowchanges.seed", 20261121L);
  private static final int STEPS = Integer.getInteger("firn.rowchanges.steps", 12);

  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.optional(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "d", Types.DoubleType.get()),
          Types.NestedField.optional(3, "s", Types.StringType.get()),
          Types.NestedField.optional(4, "p", Types.IntegerType.get()));

  private static final @Nullable Double[] DOUBLES = {
    null, Double.NaN, -0.0, 0.0, 1.5, -3.25, Double.POSITIVE_INFINITY
  };
  private static final @Nullable String[] STRINGS = {null, "", "a", "b", "ba"};

  /** Parts of the table by the current spec. */
  private enum Layout {
    WHOLE,
    BY_P,
    BY_TENS
  }

  /** A filter, and what SQL says of a row: null is unknown. */
  private record Test3(Expression filter, Truth truth) {}

  private interface Truth {
    @Nullable Boolean of(Record row);
  }

  @TempDir Path directory;
  private final Random random = new Random(SEED);
  private List<Record> model = new ArrayList<>();
  private Layout layout = Layout.WHOLE;
  private final List<String> done = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({
    "1, copy-on-write",
    "2, copy-on-write",
    "2, merge-on-read",
    "3, copy-on-write",
    "3, merge-on-read"
  })
  void tableIsWhatTheModelSays(int version, String mode) throws IOException {
    try (Lakehouse lake = Lakehouse.open(directory.resolve("lake"))) {
      LakeTable table =
          lake.createTable(
              "a.t",
              SCHEMA,
              t ->
                  t.formatVersion(version)
                      .property("write.delete.mode", mode)
                      .property("write.update.mode", mode)
                      .property("write.merge.mode", mode));
      for (int step = 0; step < STEPS; step++) {
        int steps = 1 + random.nextInt(2);
        if (random.nextInt(6) == 0) {
          evolve(table);
        }
        lake.transact(
            tx -> {
              for (int i = 0; i < steps; i++) {
                step(tx.table("a.t"));
              }
            });
        assertThat(show(table.scan().toList()))
            .as("seed %d, version %d, %s: %s", SEED, version, mode, done)
            .isEqualTo(show(model));
      }
      try (CloseableIterable<Record> rows = IcebergGenerics.read(table.iceberg()).build()) {
        assertThat(show(StreamSupport.stream(rows.spliterator(), false).toList()))
            .as("seed %d, version %d, %s: %s", SEED, version, mode, done)
            .isEqualTo(show(model));
      }
    }
  }

  private static List<String> show(List<Record> rows) {
    return rows.stream()
        .map(r -> r.get(0) + "|" + r.get(1) + "|" + r.get(2) + "|" + r.get(3))
        .sorted()
        .toList();
  }

  private void evolve(LakeTable table) {
    Layout next = Layout.values()[random.nextInt(3)];
    if (next == layout) {
      return;
    }
    done.add("partition " + next);
    var evolution = table.evolve();
    switch (layout) {
      case WHOLE -> {}
      case BY_P -> evolution.dropPartition(Expressions.ref("p"));
      case BY_TENS -> evolution.dropPartition(Expressions.truncate("id", 10));
    }
    switch (next) {
      case WHOLE -> {}
      case BY_P -> evolution.addPartition(Expressions.ref("p"));
      case BY_TENS -> evolution.addPartition(Expressions.truncate("id", 10));
    }
    evolution.commit();
    layout = next;
  }

  private void step(TransactionTable table) {
    switch (random.nextInt(8)) {
      case 0, 1 -> append(table);
      case 2 -> delete(table);
      case 3 -> update(table);
      case 4 -> overwritePartitions(table);
      case 5 -> overwrite(table);
      default -> merge(table);
    }
  }

  private void append(TransactionTable table) {
    List<Record> rows = rows(1 + random.nextInt(20));
    done.add("append " + show(rows));
    try (TransactionWriter writer = table.append()) {
      rows.forEach(writer::write);
      writer.commit();
    }
    model.addAll(rows);
  }

  private void delete(TransactionTable table) {
    Test3 where = predicate(2, "");
    done.add("delete " + where.filter());
    long before = model.size();
    List<Record> kept = new ArrayList<>(model);
    kept.removeIf(row -> Boolean.TRUE.equals(where.truth().of(row)));
    assertThat(table.delete(where.filter()).rows()).isEqualTo(before - kept.size());
    model = kept;
  }

  private void update(TransactionTable table) {
    Test3 where = predicate(2, "");
    done.add("update " + where.filter());
    long rows = 0;
    List<Record> changed = new ArrayList<>();
    for (Record row : model) {
      boolean hit = Boolean.TRUE.equals(where.truth().of(row));
      rows += hit ? 1 : 0;
      changed.add(hit ? row(row.get(0), row.get(1), "u" + row.get(2), 7) : row);
    }
    ChangeReceipt receipt =
        table.update(where.filter()).set("p", 7).set("s", row -> "u" + row.getField("s")).run();
    assertThat(receipt.updated()).isEqualTo(rows);
    model = changed;
  }

  private void overwrite(TransactionTable table) {
    Test3 where = predicate(1, "");
    List<Record> rows = rows(random.nextInt(4));
    done.add("overwrite " + where.filter() + " " + show(rows));
    try (TransactionWriter writer = table.overwrite(where.filter())) {
      rows.forEach(writer::write);
      writer.commit();
    }
    model = new ArrayList<>(model);
    model.removeIf(row -> Boolean.TRUE.equals(where.truth().of(row)));
    model.addAll(rows);
  }

  private void overwritePartitions(TransactionTable table) {
    List<Record> rows = rows(1 + random.nextInt(3));
    done.add("overwrite partitions " + show(rows));
    try (TransactionWriter writer = table.overwritePartitions()) {
      rows.forEach(writer::write);
      writer.commit();
    }
    List<@Nullable Object> parts = new ArrayList<>();
    rows.forEach(row -> parts.add(part(row)));
    model = new ArrayList<>(model);
    model.removeIf(row -> parts.contains(part(row)));
    model.addAll(rows);
  }

  private @Nullable Object part(Record row) {
    Long id = (Long) row.get(0);
    return switch (layout) {
      case WHOLE -> 0;
      case BY_P -> row.get(3);
      case BY_TENS -> id == null ? null : (Object) Math.floorDiv(id, 10L);
    };
  }

  private void merge(TransactionTable table) {
    List<String> on =
        List.of(List.of("id"), List.of("d"), List.of("id", "p")).get(random.nextInt(3));
    List<Record> source = distinct(rows(1 + random.nextInt(12)), on);
    Test3 deleteWhen = predicate(1, random.nextBoolean() ? "source." : "target.");
    boolean ofSource = deleteWhen.filter().toString().contains("source.");
    Test3 bySource = predicate(1, "");
    int kind = random.nextInt(4);
    done.add(
        "merge on %s, delete when %s, kind %d, by source %s: %s"
            .formatted(on, deleteWhen.filter(), kind, bySource.filter(), show(source)));
    TableMerge merge =
        table
            .merge(source)
            .on(on.toArray(String[]::new))
            .whenMatched(deleteWhen.filter())
            .delete()
            .whenMatched()
            .update(v -> v.setFrom("s", "s").set("p", (t, s) -> s.getField("p")))
            .whenNotMatched()
            .insertAll();
    if (kind == 0) {
      merge.whenNotMatchedBySource(bySource.filter()).delete();
    } else if (kind == 1) {
      merge.whenNotMatchedBySource(bySource.filter()).update(v -> v.set("s", "gone"));
    }
    merge.run();
    List<Record> merged = new ArrayList<>();
    List<Record> unmatched = new ArrayList<>(source);
    for (Record row : model) {
      Record match =
          source.stream().filter(each -> matches(row, each, on)).findFirst().orElse(null);
      if (match != null) {
        unmatched.removeIf(each -> each == match);
        Record seen = ofSource ? match : row;
        if (!Boolean.TRUE.equals(deleteWhen.truth().of(seen))) {
          merged.add(row(row.get(0), row.get(1), match.get(2), match.get(3)));
        }
      } else if (kind > 1 || !Boolean.TRUE.equals(bySource.truth().of(row))) {
        merged.add(row);
      } else if (kind == 1) {
        merged.add(row(row.get(0), row.get(1), "gone", row.get(3)));
      }
    }
    merged.addAll(unmatched);
    model = merged;
  }

  private static List<Record> distinct(List<Record> rows, List<String> on) {
    List<Record> distinct = new ArrayList<>();
    for (Record row : rows) {
      if (distinct.stream().noneMatch(each -> matches(row, each, on))) {
        distinct.add(row);
      }
    }
    return distinct;
  }

  private static boolean matches(Record one, Record other, List<String> on) {
    return on.stream()
        .allMatch(
            c -> one.getField(c) != null && Objects.equals(one.getField(c), other.getField(c)));
  }

  private List<Record> rows(int count) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          row(
              random.nextInt(8) == 0 ? null : (Object) (long) (random.nextInt(40) - 5),
              DOUBLES[random.nextInt(DOUBLES.length)],
              STRINGS[random.nextInt(STRINGS.length)],
              random.nextInt(6) == 0 ? null : (Object) random.nextInt(3)));
    }
    return rows;
  }

  private static Record row(@Nullable Object... values) {
    Record row = GenericRecord.create(SCHEMA);
    for (int i = 0; i < values.length; i++) {
      row.set(i, values[i]);
    }
    return row;
  }

  private Test3 predicate(int depth, String prefix) {
    if (depth > 0 && random.nextBoolean()) {
      Test3 one = predicate(depth - 1, prefix);
      Test3 two = predicate(depth - 1, prefix);
      return switch (random.nextInt(3)) {
        case 0 ->
            new Test3(
                Expressions.and(one.filter(), two.filter()),
                row -> and(one.truth().of(row), two.truth().of(row)));
        case 1 ->
            new Test3(
                Expressions.or(one.filter(), two.filter()),
                row -> not(and(not(one.truth().of(row)), not(two.truth().of(row)))));
        default -> new Test3(Expressions.not(one.filter()), row -> not(one.truth().of(row)));
      };
    }
    return leaf(prefix);
  }

  private Test3 leaf(String prefix) {
    long number = random.nextInt(40) - 5L;
    double real = random.nextBoolean() ? 0.0 : -0.0;
    int part = random.nextInt(3);
    return switch (random.nextInt(8)) {
      case 0 ->
          new Test3(
              Expressions.lessThan(prefix + "id", number),
              row -> row.get(0) == null ? null : (Long) row.get(0) < number);
      case 1 ->
          new Test3(
              Expressions.notEqual(prefix + "id", number),
              row -> row.get(0) == null ? null : (Long) row.get(0) != number);
      case 2 ->
          new Test3(
              Expressions.greaterThan(prefix + "d", real),
              row -> row.get(1) == null ? null : Double.compare((Double) row.get(1), real) > 0);
      case 3 -> new Test3(Expressions.isNull(prefix + "s"), row -> row.get(2) == null);
      case 4 ->
          new Test3(
              Expressions.isNaN(prefix + "d"),
              row -> row.get(1) == null ? null : ((Double) row.get(1)).isNaN());
      case 5 ->
          new Test3(
              Expressions.in(prefix + "s", "a", "ba"),
              row -> row.get(2) == null ? null : List.of("a", "ba").contains(row.get(2)));
      default ->
          new Test3(
              Expressions.equal(prefix + "p", part),
              row -> row.get(3) == null ? null : (Integer) row.get(3) == part);
    };
  }

  private static @Nullable Boolean and(@Nullable Boolean one, @Nullable Boolean two) {
    if (Boolean.FALSE.equals(one) || Boolean.FALSE.equals(two)) {
      return false;
    }
    return one == null || two == null ? null : true;
  }

  private static @Nullable Boolean not(@Nullable Boolean value) {
    return value == null ? null : !value;
  }
}
