package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.lessThan;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;

/**
 * An operation of the facade, whose calls are to fail. Each runs in a namespace of its own, on
 * tables {@code t} and {@code u} with the rows 1 to 4.
 *
 * @param prepare makes what the operation needs beside the two tables
 * @param act the operation
 */
record FaultScenario(String name, Step prepare, Step act) {
  static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  private static final int LARGE = 7_000_000;

  record Row(long id) {}

  record WideRow(long id, String note) {}

  interface Step {
    void run(Lakehouse lake, String namespace);
  }

  private interface OnTable {
    void run(LakeTable table);
  }

  @Override
  public String toString() {
    return name;
  }

  /** Whether it takes files away that were part of a table, and may leave some behind. */
  boolean removesFiles() {
    return List.of("compute statistics", "expire", "drop", "purge").contains(name);
  }

  /** Whether it is to make a table. */
  boolean makesTable() {
    return name.startsWith("create");
  }

  private static FaultScenario of(String name, OnTable act) {
    return of(name, table -> {}, act);
  }

  private static FaultScenario of(String name, OnTable prepare, OnTable act) {
    return new FaultScenario(
        name,
        (lake, namespace) -> prepare.run(lake.table(namespace + ".t")),
        (lake, namespace) -> act.run(lake.table(namespace + ".t")));
  }

  private static FaultScenario onLake(String name, Step act) {
    return new FaultScenario(name, (lake, namespace) -> {}, act);
  }

  static List<FaultScenario> all() {
    return List.of(
        onLake("create", (lake, in) -> lake.createTable(in + ".v", SCHEMA)),
        onLake("create with rows", FaultScenario::createWithRows),
        of("append", table -> append(table, 5, 6)),
        of("append and evolve", FaultScenario::appendEvolving),
        of(
            "append in parts",
            table -> table.evolve().addColumn("note", Types.StringType.get()).commit(),
            FaultScenario::appendInParts),
        of(
            "append to a branch",
            table -> table.branch("b"),
            table -> append(table, AppendOptions.DEFAULT.branch("b"), 5)),
        of("delete a row", table -> table.delete(equal("id", 2L))),
        onLake(
            "delete a row by vector", (lake, in) -> lake.table(in + ".u").delete(equal("id", 2L))),
        of("delete a file", table -> append(table, 9), table -> table.delete(equal("id", 9L))),
        of("overwrite", FaultScenario::overwrite),
        of("evolve", table -> table.evolve().addColumn("c", Types.StringType.get()).commit()),
        of("set properties", table -> table.setProperties(Map.of("user.a", "1"))),
        of("branch", table -> table.branch("b")),
        of("tag", table -> table.tag("v1")),
        of("drop a tag", table -> table.tag("v1"), table -> table.dropTag("v1")),
        of(
            "fast-forward",
            table -> {
              table.branch("b");
              append(table, AppendOptions.DEFAULT.branch("b"), 7);
            },
            table -> table.fastForward("main", "b")),
        of("roll back", table -> append(table, 9), FaultScenario::rollBack),
        of(
            "compact",
            table -> {
              append(table, 5);
              append(table, 6);
              table.delete(equal("id", 3L));
            },
            table -> table.compact().everything().run()),
        of("compute statistics", FaultScenario::count, FaultScenario::count),
        of(
            "expire",
            table -> {
              append(table, 5);
              table.delete(lessThan("id", 3L));
            },
            table ->
                table
                    .expireSnapshots()
                    .olderThan(Instant.now().plusSeconds(60))
                    .retainLast(1)
                    .run()),
        onLake("transaction over two tables", FaultScenario::transact),
        of("commit of a stream", FaultScenario::stream),
        of("commit of a stream without rows", table -> stream(table), FaultScenario::moveToken),
        new FaultScenario("upsert of a stream", FaultScenario::key, upsert(".t")),
        new FaultScenario("upsert of a stream by vector", FaultScenario::key, upsert(".u")),
        onLake("rename", (lake, in) -> lake.renameTable(in + ".t", in + ".w")),
        onLake("drop", (lake, in) -> lake.dropTable(in + ".t")),
        onLake("purge", (lake, in) -> lake.purgeTable(in + ".t")),
        onLake(
            "create a namespace",
            (lake, in) -> lake.createNamespace(in + ".sub", Map.of("a", "b"))),
        new FaultScenario(
            "drop a namespace",
            (lake, in) -> lake.createNamespace(in + ".sub", Map.of()),
            (lake, in) -> lake.dropNamespace(in + ".sub")));
  }

  private static void count(LakeTable table) {
    table.computeStatistics().run();
  }

  static void append(LakeTable table, long... ids) {
    append(table, AppendOptions.DEFAULT, ids);
  }

  private static void append(LakeTable table, AppendOptions options, long... ids) {
    write(table.append(options), ids);
  }

  static void write(TableWriter rows, long... ids) {
    try (TableWriter writer = rows) {
      LongStream.of(ids).mapToObj(Row::new).forEach((Consumer<Row>) writer::write);
      writer.commit();
    }
  }

  private static void createWithRows(Lakehouse lake, String namespace) {
    write(lake.newTable(namespace + ".v", SCHEMA, definition -> {}).append(), 7, 8);
  }

  private static void appendEvolving(LakeTable table) {
    Schema wide =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(2, "note", Types.StringType.get()));
    try (TableWriter writer = table.append(AppendOptions.DEFAULT.evolveTo(wide))) {
      writer.write(new WideRow(5, "five"));
      writer.commit();
    }
  }

  /** More bytes than one part of a multipart upload, whatever they are compressed with. */
  private static void appendInParts(LakeTable table) {
    String note =
        new Random(1)
            .ints(LARGE, ' ', '~')
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    try (TableWriter writer = table.append()) {
      writer.write(new WideRow(5, note));
      writer.commit();
    }
  }

  private static void transact(Lakehouse lake, String namespace) {
    lake.transact(
        transaction -> {
          TransactionTable from = transaction.table(namespace + ".t");
          from.delete(equal("id", 2L));
          transaction.requireUnchanged(from.name());
          try (TransactionWriter writer = transaction.table(namespace + ".u").append()) {
            writer.write(new Row(22));
            writer.commit();
          }
        });
  }

  private static void stream(LakeTable table) {
    try (StreamWriter writer = table.stream("channel")) {
      writer.write(new Row(5));
      writer.commit("five");
    }
  }

  private static void key(Lakehouse lake, String namespace) {
    for (String name : lake.tables(namespace)) {
      lake.table(name).evolve().key("id").commit();
    }
  }

  private static Step upsert(String table) {
    return (lake, namespace) -> {
      try (StreamWriter writer = lake.table(namespace + table).stream("channel", 1)) {
        writer.write(new Row(7));
        writer.upsert(new Row(2));
        writer.delete(new Row(3));
        writer.upsert(new Row(5));
        writer.delete(new Row(7));
        writer.commit("five");
      }
    };
  }

  private static void moveToken(LakeTable table) {
    try (StreamWriter writer = table.stream("channel")) {
      writer.commit("six");
    }
  }

  private static void overwrite(LakeTable table) {
    write(table.overwrite(equal("id", 2L)), 12);
  }

  private static void rollBack(LakeTable table) {
    table.rollback(table.snapshots().get(0).id());
  }
}
