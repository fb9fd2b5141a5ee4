package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.expressions.Term;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories through the facade against a model of maps. The seeds are the same in each
 * build; {@code -Dfirn.history.seed=N} runs those from N + 1 on.
 */
class RandomHistoryTest {
  private static final int STEPS = 25;
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "i", Types.IntegerType.get()),
          Types.NestedField.optional(3, "s", Types.StringType.get()),
          Types.NestedField.optional(4, "f", Types.FloatType.get()));
  private static final List<String> TERMS =
      List.of("s", "truncate(1, s)", "bucket(3, id)", "i", "bucket(2, i)", "truncate(2, i)");

  /** What a snapshot held, by field id. */
  private record Past(long snapshot, List<Map<Integer, @Nullable Object>> rows) {}

  @TempDir private Path directory;
  private final Map<Long, Past> pasts = new TreeMap<>();
  private final Map<String, List<Map<Integer, @Nullable Object>>> branches = new TreeMap<>();
  private final Map<String, Long> tags = new TreeMap<>();
  private final Map<Integer, Object> defaults = new HashMap<>();
  private final Map<Long, Long> rowIds = new HashMap<>();
  private final List<String> log = new ArrayList<>();
  private List<Map<Integer, @Nullable Object>> head = List.of();
  private Random random = new Random(0);
  private LakeTable table;
  private boolean lineage;
  private long nextId;
  private int names;

  @RepeatedTest(4)
  void readsBackWhatTheModelHolds(RepetitionInfo repetition) {
    run(Long.getLong("firn.history.seed", 0) + repetition.getCurrentRepetition());
  }

  private void run(long seed) {
    System.out.println("RandomHistoryTest -Dfirn.history.seed=" + (seed - 1));
    random = new Random(seed);
    try (Lakehouse lake = Lakehouse.open(directory.resolve("lake"))) {
      int version = 2 + random.nextInt(2);
      boolean partitioned = random.nextBoolean();
      boolean sorted = random.nextInt(3) == 0;
      lineage = version == 3;
      log.add("v" + version + (partitioned ? " partitioned" : "") + (sorted ? " sorted" : ""));
      table =
          lake.createTable(
              "a.t",
              SCHEMA,
              t -> {
                t.formatVersion(version);
                if (partitioned) {
                  t.partitionBy(Terms.parse(TERMS.get(random.nextInt(TERMS.size()))));
                }
                if (sorted) {
                  t.sortBy("s", "id");
                }
              });
      for (int step = 0; step < STEPS; step++) {
        step();
        check();
      }
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          "-Dfirn.history.seed=" + (seed - 1) + ": " + String.join(" | ", log), e);
    }
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3, 4 -> append();
      case 5, 6, 7, 8 -> delete();
      case 9, 10 -> overwrite();
      case 11 -> addColumn();
      case 12 -> renameOrWiden();
      case 13 -> dropColumn();
      case 14 -> repartition();
      case 15 -> branchOrTag();
      case 16 -> rollback();
      case 17, 18 -> compact();
      default -> expireOrUpgrade();
    }
  }

  private void append() {
    int batches = 1 + random.nextInt(3);
    log.add("append " + batches + " from " + nextId);
    for (int b = 0; b < batches; b++) {
      try (TableWriter writer = table.append()) {
        head = plus(head, write(writer));
        writer.commit();
      }
      remember();
    }
  }

  private void delete() {
    RandomPredicate where = RandomPredicate.of(random, table.schema(), 2);
    log.add("delete " + where.expression());
    List<Map<Integer, @Nullable Object>> left = without(where);
    long gone = (long) head.size() - left.size();
    DeleteReceipt receipt = table.delete(where.expression());
    assertThat(receipt.rows()).isEqualTo(gone);
    assertThat(receipt.commit().isPresent()).isEqualTo(gone > 0);
    head = left;
  }

  private void overwrite() {
    RandomPredicate where = RandomPredicate.of(random, table.schema(), 2);
    log.add("overwrite " + where.expression());
    try (TableWriter writer = table.overwrite(where.expression())) {
      head = plus(without(where), write(writer));
      writer.commit();
    }
  }

  private List<Map<Integer, @Nullable Object>> without(RandomPredicate where) {
    return head.stream().filter(row -> !where.holds(full(row))).toList();
  }

  /** The row as it reads now: with defaults of columns that came after it. */
  private Map<Integer, @Nullable Object> full(Map<Integer, @Nullable Object> row) {
    Map<Integer, @Nullable Object> all = new HashMap<>(defaults);
    all.putAll(row);
    return all;
  }

  private static List<Map<Integer, @Nullable Object>> plus(
      List<Map<Integer, @Nullable Object>> some, List<Map<Integer, @Nullable Object>> more) {
    List<Map<Integer, @Nullable Object>> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  private List<Map<Integer, @Nullable Object>> write(TableWriter writer) {
    List<Map<Integer, @Nullable Object>> rows = new ArrayList<>();
    for (int n = 1 + random.nextInt(8); n > 0; n--) {
      GenericRecord row = GenericRecord.create(writer.schema());
      Map<Integer, @Nullable Object> values = new HashMap<>();
      for (Types.NestedField field : writer.schema().columns()) {
        Object value = field.fieldId() == 1 ? Long.valueOf(nextId++) : value(field.type());
        row.setField(field.name(), value);
        values.put(field.fieldId(), plain(value));
      }
      writer.write(row);
      rows.add(values);
    }
    return rows;
  }

  private @Nullable Object value(Type type) {
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

  private static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof Integer i) {
      return i.longValue();
    }
    return value instanceof Float f ? Double.valueOf(f.doubleValue()) : value;
  }

  private void addColumn() {
    String name = "c" + names++;
    List<Type> types =
        List.of(Types.StringType.get(), Types.IntegerType.get(), Types.DoubleType.get());
    Type type = types.get(random.nextInt(3));
    boolean defaulted = version() >= 3 && random.nextBoolean();
    log.add("add " + name + " " + type + (defaulted ? " default" : ""));
    if (!defaulted) {
      table.evolve().addColumn(name, type).commit();
      return;
    }
    Literal<?> literal =
        switch (type.typeId()) {
          case INTEGER -> Literal.of(2);
          case DOUBLE -> Literal.of(1.0);
          default -> Literal.of("ab");
        };
    table.evolve().addColumn(name, type, literal).commit();
    defaults.put(table.schema().findField(name).fieldId(), plainDefault(literal.value()));
  }

  private static Object plainDefault(Object value) {
    Object plain = plain(value);
    return plain instanceof CharSequence text ? text.toString() : plain;
  }

  private void renameOrWiden() {
    Types.NestedField field = column();
    if (field.type().typeId() == Type.TypeID.INTEGER && random.nextBoolean()) {
      log.add("widen " + field.name());
      table.evolve().widenColumn(field.name(), Types.LongType.get()).commit();
    } else if (field.type().typeId() == Type.TypeID.FLOAT) {
      log.add("widen " + field.name());
      table.evolve().widenColumn(field.name(), Types.DoubleType.get()).commit();
    } else {
      String name = "r" + names++;
      log.add("rename " + field.name() + " to " + name);
      table.evolve().renameColumn(field.name(), name).commit();
    }
  }

  private void dropColumn() {
    Types.NestedField field = column();
    Set<Integer> used = new HashSet<>();
    Table now = table.iceberg();
    now.spec().fields().forEach(f -> used.add(f.sourceId()));
    now.sortOrder().fields().forEach(f -> used.add(f.sourceId()));
    if (now.schema().columns().size() > 2 && !used.contains(field.fieldId())) {
      log.add("drop " + field.name());
      table.evolve().dropColumn(field.name()).commit();
    }
  }

  /** Any column but the id. */
  private Types.NestedField column() {
    List<Types.NestedField> columns = table.schema().columns();
    return columns.get(1 + random.nextInt(columns.size() - 1));
  }

  private void repartition() {
    Types.NestedField field = column();
    boolean number = field.type().typeId() != Type.TypeID.STRING;
    if (random.nextInt(3) == 0) {
      log.add("sort by " + field.name());
      table.evolve().sortBy(SortTerm.desc(field.name())).commit();
      return;
    }
    if (number && field.type().typeId() != Type.TypeID.LONG) {
      field = table.schema().findField(1);
    }
    String call = random.nextBoolean() ? "bucket(2, %s)" : "truncate(2, %s)";
    Term term = Terms.parse(call.formatted(field.name()));
    log.add("partition by " + call.formatted(field.name()));
    evolve(() -> table.evolve().addPartition(term));
  }

  /** A field that is there already is refused, and changes nothing. */
  private void evolve(Supplier<TableEvolution> evolution) {
    try {
      evolution.get().commit();
    } catch (FirnException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.INVALID);
      log.add("(refused: " + e.getMessage() + ")");
    }
  }

  private void branchOrTag() {
    if (pasts.isEmpty()) {
      return;
    }
    if (random.nextBoolean()) {
      String name = "t" + names++;
      Past past = anyPast();
      log.add("tag " + name + " at " + past.snapshot());
      table.tag(name, past.snapshot());
      tags.put(name, past.snapshot());
      return;
    }
    if (branches.isEmpty() || random.nextBoolean()) {
      String name = "b" + names++;
      log.add("branch " + name);
      Past past = anyPast();
      table.branch(name, past.snapshot());
      branches.put(name, past.rows());
    }
    List<String> all = List.copyOf(branches.keySet());
    String branch = all.get(random.nextInt(all.size()));
    log.add("append to " + branch);
    try (TableWriter writer = table.append(AppendOptions.DEFAULT.branch(branch))) {
      branches.put(branch, plus(branches.get(branch), write(writer)));
      writer.commit();
    }
  }

  private Past anyPast() {
    List<Past> all = List.copyOf(pasts.values());
    return all.get(random.nextInt(all.size()));
  }

  private void rollback() {
    List<Past> ancestors =
        table.history().stream()
            .filter(HistoryEntry::ancestor)
            .map(entry -> pasts.get(entry.snapshotId()))
            .filter(past -> past != null)
            .toList();
    if (!ancestors.isEmpty()) {
      Past past = ancestors.get(random.nextInt(ancestors.size()));
      log.add("rollback to " + past.snapshot());
      table.rollback(past.snapshot());
      head = past.rows();
    }
  }

  private void compact() {
    boolean everything = random.nextBoolean();
    log.add("compact" + (everything ? " everything" : ""));
    (everything ? table.compact().everything() : table.compact()).run();
  }

  private void expireOrUpgrade() {
    if (version() == 2 && random.nextInt(2) == 0) {
      log.add("upgrade");
      table.setProperties(Map.of("format-version", "3"));
      return;
    }
    int keep = 1 + random.nextInt(3);
    log.add("expire but " + keep);
    table.expireSnapshots().olderThan(Instant.now().plusSeconds(60)).retainLast(keep).run();
    Set<Long> kept = table.snapshots().stream().map(SnapshotInfo::id).collect(Collectors.toSet());
    pasts.keySet().retainAll(kept);
    assertThat(kept).containsAll(tags.values());
  }

  private int version() {
    return TableUtil.formatVersion(table.iceberg());
  }

  private void remember() {
    Snapshot current = table.iceberg().currentSnapshot();
    if (current != null) {
      // A column's default is part of the schema that a snapshot is read in.
      pasts.putIfAbsent(current.snapshotId(), new Past(current.snapshotId(), head));
    }
  }

  private void check() {
    remember();
    compare(table.scan(), head);
    RandomPredicate where = RandomPredicate.of(random, table.schema(), 2);
    compare(
        table.scan().where(where.expression()),
        head.stream().filter(row -> where.holds(full(row))).toList());
    if (!pasts.isEmpty()) {
      Past past = anyPast();
      compare(table.scan().asOfSnapshot(past.snapshot()), past.rows());
    }
    tags.keySet().stream()
        .findFirst()
        .filter(tag -> pasts.containsKey(tags.get(tag)))
        .ifPresent(tag -> compare(table.scan().ref(tag), pasts.get(tags.get(tag)).rows()));
    branches.forEach((branch, rows) -> compare(table.scan().ref(branch), rows));
    compareWithIceberg();
    if (lineage) {
      checkRowIds();
    }
  }

  private void compare(LakeScan scan, List<Map<Integer, @Nullable Object>> rows) {
    assertThat(shown(scan.schema(), scan.toList())).isEqualTo(expected(scan.schema(), rows));
  }

  private void compareWithIceberg() {
    Table now = table.iceberg();
    try (CloseableIterable<Record> read = IcebergGenerics.read(now).build()) {
      List<Record> rows = new ArrayList<>();
      read.forEach(rows::add);
      assertThat(shown(now.schema(), rows)).isEqualTo(expected(now.schema(), head));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A row keeps its row id whatever happens to the files it is in. */
  private void checkRowIds() {
    Set<Object> seen = new HashSet<>();
    for (Record row : table.scan().select(name(1), "_row_id").toList()) {
      Long rowId = (Long) row.get(1);
      assertThat(rowId).isNotNull();
      assertThat(seen.add(rowId)).as("row id %s is unique", rowId).isTrue();
      assertThat(rowIds.computeIfAbsent((Long) row.get(0), id -> rowId)).isEqualTo(rowId);
    }
  }

  private String name(int fieldId) {
    return table.schema().findColumnName(fieldId);
  }

  private List<String> expected(Schema schema, List<Map<Integer, @Nullable Object>> rows) {
    return rows.stream()
        .map(this::full)
        .map(
            row ->
                schema.columns().stream()
                    .map(field -> field.fieldId() + "=" + row.get(field.fieldId()))
                    .collect(Collectors.joining(" ")))
        .sorted()
        .toList();
  }

  private static List<String> shown(Schema schema, List<Record> rows) {
    return rows.stream()
        .map(
            row ->
                IntStream.range(0, schema.columns().size())
                    .mapToObj(i -> schema.columns().get(i).fieldId() + "=" + plain(row.get(i)))
                    .collect(Collectors.joining(" ")))
        .sorted()
        .toList();
  }
}
