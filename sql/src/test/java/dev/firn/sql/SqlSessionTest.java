package dev.firn.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.scan.SnapshotSelector;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlSessionTest {
  private static final Schema ORDERS =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.optional(2, "status", Types.StringType.get()),
          NestedField.optional(3, "total", Types.DecimalType.of(12, 2)));

  @TempDir Path directory;
  private Lakehouse lake;
  private LakeTable orders;
  private SqlSession sql;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("warehouse"));
    orders = lake.createTable("shop.orders", ORDERS);
    append(orders, order(1, "paid", "10.00"), order(2, "open", "20.50"), order(3, "paid", "5.25"));
    sql = session(SqlOptions.DEFAULT);
  }

  private SqlSession session(SqlOptions options) {
    return SqlSession.open(lake, options.tempParent(directory.resolve("spill")).threads(2));
  }

  @AfterEach
  void freesEverything() throws IOException {
    sql.close();
    assertThat(lake.allocator().getAllocatedMemory()).isZero();
    assertThat(lake.allocator().getChildAllocators()).isEmpty();
    lake.close();
    try (Stream<Path> left = Files.list(directory.resolve("spill"))) {
      assertThat(left).isEmpty();
    }
  }

  private static Record order(long id, String status, String total) {
    Record row = GenericRecord.create(ORDERS);
    row.setField("id", id);
    row.setField("status", status);
    row.setField("total", new BigDecimal(total));
    return row;
  }

  private static void append(LakeTable table, Record... rows) {
    try (TableWriter writer = table.append()) {
      for (Record row : rows) {
        writer.write(row);
      }
      writer.commit();
    }
  }

  private List<List<Object>> rows(String query) {
    return rows(sql, query);
  }

  private static List<List<Object>> rows(SqlSession session, String query) {
    List<List<Object>> rows = new ArrayList<>();
    try (SqlResult result = session.query(query)) {
      int columns = result.schema().columns().size();
      while (result.hasNext()) {
        Record row = result.next();
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < columns; i++) {
          values.add(row.get(i));
        }
        rows.add(values);
      }
    }
    return rows;
  }

  private static List<Object> row(Object... values) {
    return java.util.Arrays.asList(values);
  }

  private static void fails(ErrorKind kind, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  @Test
  void selectsFromATable() {
    assertThat(rows("select id, total from shop.orders where status = 'paid' order by id"))
        .containsExactly(row(1L, new BigDecimal("10.00")), row(3L, new BigDecimal("5.25")));
  }

  @Test
  void namesAndTypesTheColumns() {
    try (SqlResult result =
        sql.query(
            "select count(*) as n, sum(id) as s, sum(total) t, status from shop.orders group by all")) {
      assertThat(result.schema().columns())
          .extracting(c -> c.name() + " " + c.type())
          .containsExactly("n long", "s decimal(38, 0)", "t decimal(38, 2)", "status string");
    }
  }

  @Test
  void readsNestedNamespacesQuotedOrNot() {
    LakeTable deep = lake.createTable("eu.north.orders", ORDERS);
    append(deep, order(9, "paid", "1.00"));
    assertThat(rows("select id from \"eu.north\".orders")).containsExactly(row(9L));
    assertThat(rows("select eu.north.orders.id from eu.north.orders")).containsExactly(row(9L));
    lake.createTable("a.b.c.t", ORDERS);
    assertThat(rows("select id from \"a.b.c\".t")).isEmpty();
    fails(ErrorKind.INVALID, "\"a.b.c\".t", () -> rows("select id from a.b.c.t"));
  }

  @Test
  void explainsWithoutReading() {
    assertThat(rows("explain select * from shop.orders a join shop.orders b using (id)").toString())
        .contains("Hash Join")
        .doesNotContain("Seq Scan");
    assertThat(rows("explain analyze select count(*) from shop.orders").toString())
        .contains("Aggregate");
  }

  @Test
  void numbersRepeatedNames() {
    try (SqlResult result = sql.query("select id, id, 1::tinyint as id from shop.orders")) {
      assertThat(result.schema().columns())
          .extracting(c -> c.name() + " " + c.type())
          .containsExactly("id long", "id_1 long", "id_2 int");
    }
  }

  @Test
  void readsThePast() {
    long first = orders.snapshots().get(0).id();
    orders.tag("old", first);
    orders.delete(Expressions.equal("status", "paid"));
    append(orders, order(4, "late", "1.00"));
    String count = "select count(*) from shop.orders";
    assertThat(rows(count)).containsExactly(row(2L));
    SqlOptions options = SqlOptions.DEFAULT;
    for (SqlOptions past :
        List.of(
            options.asOf(new SnapshotSelector.ById(first)),
            options.asOf(new SnapshotSelector.Ref("old")),
            options.asOf(new SnapshotSelector.AsOf(orders.snapshots().get(0).committedAt())),
            options.asOf("Shop.Orders", new SnapshotSelector.Ref("old")))) {
      try (SqlSession then = session(past)) {
        assertThat(rows(then, count)).containsExactly(row(3L));
      }
    }
  }

  @Test
  void readsATablesPastByItsName() {
    long first = orders.snapshots().get(0).id();
    orders.tag("old", first);
    orders.delete(Expressions.equal("status", "paid"));
    append(orders, order(4, "late", "1.00"));

    for (String name :
        List.of(
            "shop.\"orders@old\"",
            "shop.\"orders@" + first + "\"",
            "shop.\"orders@" + orders.snapshots().get(0).committedAt() + "\"")) {
      assertThat(rows("select count(*) from " + name)).as(name).containsExactly(row(3L));
    }
    assertThat(
            rows(
                "select o.id from shop.\"orders@old\" o anti join shop.orders n using (id) order by 1"))
        .hasSize(2);
    fails(
        ErrorKind.NOT_FOUND,
        "branch or tag 'gone': there is none of that name, or it has expired; the oldest available is",
        () -> rows("select * from shop.\"orders@gone\""));
    fails(
        ErrorKind.NOT_FOUND, "1999-01-01", () -> rows("select 1 from shop.\"orders@1999-01-01\""));
    fails(
        ErrorKind.INVALID,
        "'@1999-01-01T99' names no point in time",
        () -> rows("select 1 from shop.\"orders@1999-01-01T99\""));
  }

  @Test
  void readsThePastInTodaysColumnsWhereAsked() {
    long first = orders.snapshots().get(0).id();
    orders.evolve().renameColumn("status", "state").commit();

    String then = "select count(status) from shop.\"orders@" + first + "\"";
    assertThat(rows(then)).containsExactly(row(3L));
    try (SqlSession today = session(SqlOptions.DEFAULT.inCurrentSchema())) {
      assertThat(rows(today, then.replace("status", "state"))).containsExactly(row(3L));
    }
  }

  @Test
  void seesOneSnapshotThroughoutAQuery() {
    try (SqlResult result =
        sql.query("select a.id from shop.orders a join shop.orders b using (id)")) {
      append(orders, order(4, "late", "1.00"));
      assertThat(result).toIterable().hasSize(3);
    }
  }

  @Test
  void namesNearTablesWhereOneIsMissing() {
    fails(
        ErrorKind.NOT_FOUND,
        "there is no table shop.ordrs; did you mean shop.orders?",
        () -> rows("select * from shop.ordrs"));
    fails(
        ErrorKind.NOT_FOUND,
        "there is no table orders; did you mean shop.orders?",
        () -> rows("select * from orders"));
    fails(
        ErrorKind.NOT_FOUND,
        "there is no table /etc/hostname",
        () -> rows("select * from '/etc/hostname'"));
    fails(ErrorKind.NOT_FOUND, "no table x.y", () -> rows("explain select * from x.y"));
  }

  @Test
  void tellsDuckDbsErrorsWithTheirPlace() {
    fails(
        ErrorKind.INVALID,
        "Candidate bindings: \"total\"",
        () -> rows("select id,\n  totl from shop.orders"));
    assertThatThrownBy(() -> rows("select id,\n  totl from shop.orders"))
        .hasMessageContaining("LINE 2:   totl from")
        .hasMessageNotContaining("firn_scan");
    fails(ErrorKind.INVALID, "(line 1, column 1)", () -> rows("selec 1"));
  }

  @Test
  void tellsErrorsThatRowsCause() {
    fails(
        ErrorKind.INVALID,
        "Could not convert string 'paid' to INT",
        () -> rows("select status::int from shop.orders"));
  }

  @Test
  void tellsErrorsOfLaterRows() {
    String late = "case when range > 29000000 then error('boom') else range end";
    try (SqlResult result = sql.query("select %s from range(30000000)".formatted(late))) {
      fails(ErrorKind.INVALID, "boom", () -> result.forEachRemaining(row -> {}));
    }
  }

  @Test
  void keepsTheKindOfAScansFailure() throws IOException {
    Path data;
    try (Stream<Path> files = Files.walk(directory.resolve("warehouse"))) {
      data = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(data);
    Files.write(data, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    for (String query :
        List.of(
            "select sum(total) from shop.orders",
            "select * from shop.orders",
            "select count(*) from shop.orders a, shop.orders b")) {
      assertThatThrownBy(() -> rows(query))
          .isInstanceOfSatisfying(
              FirnException.class,
              e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(ErrorKind.CORRUPT))
          .hasMessageContaining(data.getFileName().toString())
          .hasMessageNotContaining("CDataJniException");
    }
  }

  @Test
  void streamsResultsAndStopsEarly() {
    try (SqlResult result = sql.query("select range as n from range(100000000000)")) {
      assertThat(result.next().get(0)).isEqualTo(0L);
      assertThat(result.next().get(0)).isEqualTo(1L);
    }
    try (SqlResult result = sql.query("select * from shop.orders")) {
      assertThat(result.hasNext()).isTrue();
    }
  }

  @Test
  void closesResultsLeftOpen() {
    sql.query("select * from shop.orders");
    sql.query("select * from shop.orders a, shop.orders b");
  }

  @Test
  void handsOutArrowBatches() throws IOException {
    try (SqlResult result = sql.query("select id from shop.orders")) {
      ArrowReader batches = result.arrow();
      long rows = 0;
      while (batches.loadNextBatch()) {
        rows += batches.getVectorSchemaRoot().getRowCount();
      }
      assertThat(rows).isEqualTo(3);
      batches.close();
    }
  }

  @Test
  void cancelsARunningQuery() throws InterruptedException {
    List<Throwable> failures = new ArrayList<>();
    Thread running =
        new Thread(
            () -> {
              try {
                rows("select sum(a.range * b.range) from range(10000000) a, range(10000000) b");
              } catch (RuntimeException e) {
                failures.add(e);
              }
            });
    running.start();
    while (running.isAlive()) {
      sql.cancel();
      running.join(10);
    }
    assertThat(failures)
        .singleElement()
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
  }

  @Test
  void spillsWhatDoesNotFitInMemory() {
    try (SqlSession small = session(SqlOptions.DEFAULT.memoryBytes(64L << 20))) {
      assertThat(
              rows(
                  small,
                  "select count(*) from (select range::varchar || 'padding padding' as s from range(3000000) order by hash(range))"))
          .containsExactly(row(3_000_000L));
    }
  }

  @Test
  void showsNothingOfTheMachine() {
    assertThat(
            rows(
                "select count(*) from duckdb_settings() where name = 'enable_external_access' and value = 'false'"))
        .containsExactly(row(1L));
    fails(ErrorKind.INVALID, "getenv", () -> rows("select getenv('HOME')"));
  }
}
