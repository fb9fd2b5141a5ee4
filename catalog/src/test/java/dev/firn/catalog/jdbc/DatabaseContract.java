package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.jdbc.Names.Kind;
import dev.firn.catalog.jdbc.Pointers.Move;
import dev.firn.catalog.jdbc.Pointers.Result;
import dev.firn.catalog.jdbc.Pointers.Swap;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.SqlFault;
import dev.firn.testing.SqlOperation;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the catalog's database does, whichever it is. */
abstract class DatabaseContract {
  private static final Namespace SHOP = Namespace.of("shop");
  private static final TableIdentifier ORDERS = TableIdentifier.of(SHOP, "orders");
  private static final TableIdentifier ITEMS = TableIdentifier.of(SHOP, "items");
  private static final TableIdentifier PEOPLE = TableIdentifier.of(SHOP, "people");

  private FaultyDataSource calls;
  private Database database;
  private Pointers pointers;

  /** Where the database of this test is, the same at each call. */
  abstract String uri();

  /** One connection: what holds one while it takes another, never ends. */
  @BeforeEach
  void open() {
    database =
        Connections.open(
            uri(),
            Map.of("clients", "1"),
            pool -> {
              calls = new FaultyDataSource(pool);
              return calls;
            });
    pointers = new Pointers(database, "firn");
    new Namespaces(database, "firn").create(SHOP, Map.of());
    calls.reset();
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void swapIsOneTransactionOfFewCalls() {
    create(ORDERS, "m0");
    calls.reset();

    assertThat(swap(new Move(ORDERS, "m0", "m1"))).isEqualTo(new Result.Applied());

    assertThat(calls.count(SqlOperation.CONNECT)).isEqualTo(1);
    assertThat(calls.count(SqlOperation.EXECUTE)).isEqualTo(2);
    assertThat(calls.count(SqlOperation.COMMIT)).isEqualTo(1);
    assertThat(pointers.find(ORDERS)).contains("m1");
  }

  @Test
  void outcomeIsUnknownOnlyWhereTheDatabaseStaysAway() {
    create(ORDERS, "m0");
    database.patience(Duration.ofMillis(300));
    calls.add(SqlFault.after(SqlOperation.COMMIT, 1).cutting());
    stayAwayFrom(2);

    assertThatThrownBy(() -> swap(new Move(ORDERS, "m0", "m1")))
        .isInstanceOf(CommitStateUnknownException.class)
        .hasMessageContaining("Cannot commit to shop.orders")
        .hasMessageContaining("the database was lost while it committed");

    calls.reset();
    assertThat(pointers.find(ORDERS)).contains("m1");
  }

  @Test
  void databaseThatIsAwayBeforeTheCommitAppliedNothing() {
    create(ORDERS, "m0");
    database.patience(Duration.ofMillis(300));
    stayAwayFrom(1);

    assertThatThrownBy(() -> swap(new Move(ORDERS, "m0", "m1")))
        .isInstanceOf(FirnException.class)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.UNAVAILABLE);

    calls.reset();
    assertThat(pointers.find(ORDERS)).contains("m0");
  }

  /** Nothing more can be written, so that the outcome is looked up without. */
  @Test
  void commitThatFoundNoSpaceWasNotApplied() {
    create(ORDERS, "m0");
    calls.add(
        SqlFault.before(SqlOperation.COMMIT, 1)
            .throwing(() -> new SQLException("no space left", "53100", 13))
            .meanwhile(
                () ->
                    calls.add(
                        SqlFault.before(1)
                            .on(call -> call.sql().startsWith("INSERT"))
                            .throwing(() -> new SQLException("no space left", "53100", 13)))));

    assertThatThrownBy(() -> swap(new Move(ORDERS, "m0", "m1")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("no space left")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.UNAVAILABLE);

    calls.reset();
    assertThat(pointers.find(ORDERS)).contains("m0");
  }

  private void stayAwayFrom(int connection) {
    for (int nth = connection; nth < 1_000; nth++) {
      calls.add(SqlFault.before(SqlOperation.CONNECT, nth));
    }
  }

  @Test
  void interruptedThreadBringsItsCommitToItsEnd() {
    create(ORDERS, "m0");

    Thread.currentThread().interrupt();
    Result before = swap(new Move(ORDERS, "m0", "m1"));
    boolean stillSet = Thread.interrupted();
    calls.add(
        SqlFault.after(SqlOperation.COMMIT, 1)
            .cutting()
            .meanwhile(() -> Thread.currentThread().interrupt()));
    Result within = swap(new Move(ORDERS, "m1", "m2"));

    assertThat(List.of(before, within)).containsOnly(new Result.Applied());
    assertThat(stillSet).isTrue();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(pointers.find(ORDERS)).contains("m2");
  }

  @Test
  void readGoesOnWithAnotherConnection() {
    create(ORDERS, "m0");
    calls.add(SqlFault.before(SqlOperation.EXECUTE, 1).throwing(this::passing).cutting());

    assertThat(pointers.find(ORDERS)).contains("m0");
    assertThat(calls.failed()).isEqualTo(1);
  }

  /** An error after which another try may succeed. */
  abstract SQLException passing();

  @Test
  void swapNamesEveryTableThatHadMovedAndMovesNone() {
    create(ITEMS, "i0");
    create(ORDERS, "o0");
    create(PEOPLE, "p0");
    swap(new Move(ORDERS, "o0", "o1"));
    new Names(database, "firn").drop(PEOPLE, Kind.TABLE, "p0");

    Result result =
        swap(
            new Move(PEOPLE, "p0", "p1"),
            new Move(ORDERS, "o0", "o2"),
            new Move(ITEMS, "i0", "i1"));

    assertThat(result).isEqualTo(new Result.Moved(List.of(ORDERS, PEOPLE)));
    assertThat(pointers.findAll(List.of(PEOPLE, ORDERS, ITEMS)))
        .containsExactly(Map.entry(ORDERS, "o1"), Map.entry(ITEMS, "i0"));
  }

  @Test
  void pointersOfVeryManyTablesAreFound() {
    Map<TableIdentifier, String> all = new LinkedHashMap<>();
    List<Move> moves = new ArrayList<>();
    for (int i = 0; i < 2_100; i++) {
      TableIdentifier table = TableIdentifier.of(SHOP, "t" + i);
      all.put(table, "m" + i);
      moves.add(new Move(table, null, "m" + i));
    }
    pointers.swap(new Swap(moves, List.of(), List.of()));

    assertThat(pointers.findAll(all.keySet())).isEqualTo(all);
  }

  @Test
  void looksTogetherSeeOneMoment() {
    create(ORDERS, "m0");
    try (Database other = Connections.open(uri(), Map.of(), UnaryOperator.identity())) {
      List<String> seen =
          database.readTogether(
              "look twice",
              connection -> {
                List<String> each = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                  try (Statement statement = connection.createStatement();
                      var rows =
                          statement.executeQuery("SELECT metadata_location FROM iceberg_tables")) {
                    rows.next();
                    each.add(rows.getString(1));
                  }
                  if (i == 0) {
                    new Pointers(other, "firn")
                        .swap(
                            new Swap(List.of(new Move(ORDERS, "m0", "m1")), List.of(), List.of()));
                  }
                }
                return each;
              });

      assertThat(seen).containsExactly("m0", "m0");
    }
    assertThat(pointers.find(ORDERS)).contains("m1");
  }

  @Test
  void markersThatNobodyAsksForAreRemoved() {
    create(ORDERS, "0");
    update("UPDATE firn_commits SET made_at = made_at - 7200000");
    assertThat(markers()).isPositive();

    for (int i = 0; i < 600; i++) {
      swap(new Move(ORDERS, Integer.toString(i), Integer.toString(i + 1)));
    }

    assertThat(markers()).isEqualTo(600);
  }

  private void update(String sql) {
    database.write(
        "update",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            return Database.Decision.commit(statement.executeUpdate(sql));
          }
        });
  }

  private int markers() {
    return database.read(
        "count",
        connection -> {
          try (Statement statement = connection.createStatement();
              var rows = statement.executeQuery("SELECT count(*) FROM firn_commits")) {
            rows.next();
            return rows.getInt(1);
          }
        });
  }

  @Test
  void writersOfSeveralPoolsLoseNoUpdate() throws Exception {
    create(ORDERS, "0");
    int each = 25;
    List<Callable<Integer>> writers = new ArrayList<>();
    List<Database> pools = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      for (int pool = 0; pool < 3; pool++) {
        Database own = Connections.open(uri(), Map.of(), UnaryOperator.identity());
        pools.add(own);
        for (int thread = 0; thread < 2; thread++) {
          writers.add(() -> Counting.count(own, ORDERS, each));
        }
      }
      for (Future<Integer> written : threads.invokeAll(writers)) {
        assertThat(written.get()).isEqualTo(each);
      }
    } finally {
      threads.shutdown();
      pools.forEach(Database::close);
    }
    assertThat(pointers.find(ORDERS)).contains(Integer.toString(each * writers.size()));
  }

  @Test
  void callAfterCloseIsInvalid() {
    database.close();

    assertThatThrownBy(() -> pointers.find(ORDERS))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("the catalog is closed")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @ParameterizedTest
  @CsvSource({
    "clients, many, a whole number",
    "clients, 0, from 1 to 1000",
    "clients, 100000, from 1 to 1000",
    "jdbc.busy_timeout, soon, a whole number",
    "jdbc.socketTimeout, -1, a whole number"
  })
  void badPropertyIsInvalidAndNamed(String property, String value, String expected) {
    assertThatThrownBy(
            () -> Connections.open(uri(), Map.of(property, value), UnaryOperator.identity()))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("bad property %s, expected %s".formatted(property, expected))
        .hasMessageContaining("got " + value)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  private void create(TableIdentifier table, String location) {
    assertThat(swap(new Move(table, null, location))).isEqualTo(new Result.Applied());
  }

  private Result swap(Move... moves) {
    return pointers.swap(new Swap(List.of(moves), List.of(), List.of()));
  }
}
