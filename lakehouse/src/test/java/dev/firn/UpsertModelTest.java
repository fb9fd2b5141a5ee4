package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random batches of rows, upserts and deletes of few keys, in every form, against a model in
 * memory. So little is kept in memory that batches are written in many chunks. {@code
 * -Dfirn.upsert.seed} is the seed.
 */
class UpsertModelTest {
  private static final long SEED = Long.getLong("firn.upsert.seed", 1);
  private static final String NAME = "shop.orders";
  private static final int BATCHES = 6;
  private static final int KEYS = 40;

  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "name", Types.StringType.get()),
          Types.NestedField.required(2, "id", Types.LongType.get()),
          Types.NestedField.required(3, "region", Types.StringType.get()),
          Types.NestedField.optional(4, "value", Types.LongType.get()));

  record Row(String name, long id, String region, Long value) {}

  record Key(long id, String name) {}

  /** How a table is laid out. */
  record Layout(String name, Consumer<TableDefinition> definition) {
    @Override
    public String toString() {
      return name;
    }
  }

  @TempDir private Path directory;

  static Stream<Layout> layouts() {
    return Stream.of(2, 3)
        .flatMap(
            version ->
                Stream.of(
                    new Layout("plain v" + version, t -> base(t, version)),
                    new Layout(
                        "by region v" + version, t -> base(t, version).partitionBy("region")),
                    new Layout(
                        "sorted by region v" + version,
                        t -> base(t, version).partitionBy("region").sortBy("value"))));
  }

  private static TableDefinition base(TableDefinition definition, int version) {
    return definition.key("id", "name").formatVersion(version);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void equalsTheModel(Layout layout) {
    Random random = new Random(SEED);
    List<Row> model = new ArrayList<>();
    try (Lakehouse lake = Lakehouse.open(directory.resolve("lake"))) {
      lake.createTable(NAME, SCHEMA, layout.definition());
    }
    for (int open = 0; open < 2; open++) {
      try (Lakehouse lake = Lakehouse.open(directory.resolve("lake"));
          StreamWriter stream = lake.table(NAME).stream("c", 1L << (9 + random.nextInt(8)))) {
        for (int batch = 0; batch < BATCHES; batch++) {
          fill(lake, stream, model, random);
          stream.commit(open + "-" + batch);
          String what = "-Dfirn.upsert.seed=%d: %s %d-%d".formatted(SEED, layout, open, batch);
          assertThat(shown(lake.table(NAME).scan().toList(Row.class)))
              .as(what)
              .isEqualTo(shown(model));
          others(lake.table(NAME), model, random);
        }
        assertThat(shown(generic(lake.table(NAME)))).as("seed " + SEED).isEqualTo(shown(model));
      }
    }
  }

  private void fill(Lakehouse lake, StreamWriter stream, List<Row> model, Random random) {
    int steps = random.nextInt(60);
    for (int i = 0; i < steps; i++) {
      int kind = random.nextInt(10);
      if (kind == 9) {
        batch(lake, stream, model, random);
        continue;
      }
      Row row = row(random);
      boolean plain = random.nextBoolean();
      if (kind < 3) {
        if (plain) {
          stream.write(record(row));
        } else {
          stream.write(row);
        }
        model.add(row);
      } else if (kind < 7) {
        if (plain) {
          stream.upsert(record(row));
        } else {
          stream.upsert(row);
        }
        remove(model, row);
        model.add(row);
      } else {
        if (plain) {
          stream.delete(record(row));
        } else {
          stream.delete(new Key(row.id(), row.name()));
        }
        remove(model, row);
      }
    }
  }

  private static void batch(Lakehouse lake, StreamWriter stream, List<Row> model, Random random) {
    List<Row> rows = Stream.generate(() -> row(random)).limit(random.nextInt(100)).toList();
    try (BigIntVector ids = new BigIntVector("id", lake.allocator());
        VarCharVector names = new VarCharVector("name", lake.allocator());
        VarCharVector regions = new VarCharVector("region", lake.allocator());
        BigIntVector values = new BigIntVector("value", lake.allocator())) {
      for (int i = 0; i < rows.size(); i++) {
        ids.setSafe(i, rows.get(i).id());
        names.setSafe(i, rows.get(i).name().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        regions.setSafe(i, rows.get(i).region().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        values.setSafe(i, rows.get(i).value());
      }
      VectorSchemaRoot all = VectorSchemaRoot.of(values, regions, names, ids);
      all.setRowCount(rows.size());
      switch (random.nextInt(3)) {
        case 0 -> {
          stream.write(all);
          model.addAll(rows);
        }
        case 1 -> {
          stream.upsert(all);
          for (Row row : rows) {
            remove(model, row);
            model.add(row);
          }
        }
        default -> {
          VectorSchemaRoot keys = VectorSchemaRoot.of(names, ids);
          keys.setRowCount(rows.size());
          stream.delete(random.nextBoolean() ? keys : all);
          rows.forEach(row -> remove(model, row));
        }
      }
    }
  }

  /** What may come between two batches. */
  private static void others(LakeTable table, List<Row> model, Random random) {
    switch (random.nextInt(6)) {
      case 0 -> {
        try (TableWriter writer = table.append()) {
          Row row = row(random);
          writer.write(row);
          writer.commit();
          model.add(row);
        }
      }
      case 1 -> table.compact().everything().run();
      case 2 -> {
        long id = random.nextInt(KEYS / 4);
        table.delete(org.apache.iceberg.expressions.Expressions.equal("id", id));
        model.removeIf(row -> row.id() == id);
      }
      default -> {}
    }
  }

  private static Row row(Random random) {
    return new Row(
        "n" + "x".repeat(random.nextInt(4)),
        random.nextInt(KEYS / 4),
        "r" + random.nextInt(3),
        random.nextLong(1_000));
  }

  private static Record record(Row row) {
    return GenericRecord.create(SCHEMA)
        .copy(
            Map.of(
                "name", row.name(), "id", row.id(), "region", row.region(), "value", row.value()));
  }

  private static void remove(List<Row> model, Row key) {
    model.removeIf(row -> row.id() == key.id() && row.name().equals(key.name()));
  }

  private static List<Row> generic(LakeTable table) {
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table.iceberg()).build()) {
      return StreamSupport.stream(rows.spliterator(), false)
          .map(
              row ->
                  new Row(
                      (String) row.getField("name"),
                      (Long) row.getField("id"),
                      (String) row.getField("region"),
                      (Long) row.getField("value")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Integer> shown(List<Row> rows) {
    Map<String, Integer> counts = new TreeMap<>();
    rows.forEach(row -> counts.merge(row.toString(), 1, Integer::sum));
    return counts;
  }
}
