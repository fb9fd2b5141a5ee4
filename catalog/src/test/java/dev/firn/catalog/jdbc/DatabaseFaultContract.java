package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.jdbc.Names.Kind;
import dev.firn.catalog.jdbc.Pointers.Move;
import dev.firn.catalog.jdbc.Pointers.Result;
import dev.firn.catalog.jdbc.Pointers.Swap;
import dev.firn.error.FirnException;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.SqlFault;
import dev.firn.testing.SqlOperation;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every call on the database fails once before and once after its effect, with another writer in
 * the window: what was acknowledged is applied, and what was not is not there, now or later.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DatabaseFaultContract {
  private static final Namespace SHOP = Namespace.of("shop");

  private FaultyDataSource calls;
  private Database database;
  private Database others;
  private ExecutorService otherThread;
  private int names;

  /** Where the database of this test is, the same at each call. */
  abstract String uri();

  /** An error after which another try may succeed. */
  abstract SQLException passing();

  /** How calls fail. */
  enum Failure {
    LOST,
    CUT,
    PASSING
  }

  /** One way to fail the nth call. */
  record Way(Failure failure, boolean after) {}

  static Stream<Way> ways() {
    return Stream.of(Failure.values())
        .flatMap(failure -> Stream.of(new Way(failure, false), new Way(failure, true)));
  }

  /** Those after which the connection is gone; how others go is the same for all operations. */
  static Stream<Way> cuts() {
    return ways().filter(way -> way.failure() == Failure.CUT);
  }

  @BeforeAll
  void open() {
    database =
        Connections.open(
            uri(),
            Map.of(),
            pool -> {
              calls = new FaultyDataSource(pool);
              return calls;
            });
    others = Connections.open(uri(), Map.of(), UnaryOperator.identity());
    otherThread = Executors.newSingleThreadExecutor(work -> new Thread(work, "other-writer"));
    new Namespaces(others, "firn").create(SHOP, Map.of());
  }

  @AfterAll
  void close() throws InterruptedException {
    otherThread.shutdown();
    assertThat(otherThread.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    database.close();
    others.close();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void swapIsAppliedExactlyWhenItIsAcknowledged(Way way) {
    failEachCall(
        way,
        table -> {
          create(table, "m0");
          boolean[] applied = new boolean[1];
          return new Case(
              () -> applied[0] = swap(database, new Move(table, "m0", "ours")),
              () -> moveOrCreate(table, "theirs"),
              () -> {
                assertThat(row(table)).isEqualTo(applied[0] ? "ours>theirs" : "m0>theirs");
                return applied[0];
              });
        });
  }

  @ParameterizedTest
  @MethodSource("ways")
  void creationIsAppliedExactlyWhenItIsAcknowledged(Way way) {
    failEachCall(
        way,
        table -> {
          boolean[] applied = new boolean[1];
          return new Case(
              () -> applied[0] = swap(database, new Move(table, null, "ours")),
              () -> moveOrCreate(table, "theirs"),
              () -> {
                assertThat(row(table)).isEqualTo(applied[0] ? "ours>theirs" : "null>theirs");
                return applied[0];
              });
        });
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void dropIsAppliedExactlyWhenItIsAcknowledged(Way way) {
    failEachCall(
        way,
        table -> {
          create(table, "m0");
          boolean[] applied = new boolean[1];
          return new Case(
              () -> applied[0] = new Names(database, "firn").drop(table, Kind.TABLE, "m0"),
              () -> moveOrCreate(table, "theirs"),
              () -> {
                assertThat(row(table)).isEqualTo(applied[0] ? "null>theirs" : "m0>theirs");
                return applied[0];
              });
        });
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void renameIsAppliedExactlyWhenItIsAcknowledged(Way way) {
    failEachCall(
        way,
        table -> {
          create(table, "m0");
          TableIdentifier to = TableIdentifier.of(SHOP, table.name() + "_new");
          boolean[] applied = new boolean[1];
          return new Case(
              () -> {
                new Names(database, "firn").rename(table, to, Kind.TABLE);
                applied[0] = true;
              },
              () -> moveOrCreate(table, "theirs"),
              () -> {
                if (!applied[0]) {
                  assertThat(row(to)).isEqualTo("none");
                  assertThat(row(table)).isEqualTo("m0>theirs");
                } else if (row(table).equals("none")) {
                  assertThat(row(to)).isEqualTo("m0>theirs");
                } else {
                  assertThat(row(to)).isEqualTo("null>m0");
                  assertThat(row(table)).isEqualTo("null>theirs");
                }
                return applied[0];
              });
        });
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void namespaceIsCreatedExactlyWhenItIsAcknowledged(Way way) {
    failEachCall(
        way,
        table -> {
          Namespace namespace = Namespace.of(table.name());
          boolean[] applied = new boolean[1];
          return new Case(
              () -> {
                new Namespaces(database, "firn").create(namespace, Map.of("owner", "us"));
                applied[0] = true;
              },
              () -> {
                try {
                  new Namespaces(others, "firn").create(namespace, Map.of("owner", "them"));
                } catch (AlreadyExistsException e) {
                  // We came first.
                }
              },
              () -> {
                assertThat(new Namespaces(others, "firn").properties(namespace))
                    .containsExactly(Map.entry("owner", applied[0] ? "us" : "them"));
                return applied[0];
              });
        });
  }

  /**
   * One operation and its rival.
   *
   * @param check of what is there when both have ended; returns whether ours was acknowledged
   */
  private record Case(Runnable ours, Runnable theirs, Supplier<Boolean> check) {}

  private void failEachCall(Way way, Function<TableIdentifier, Case> make) {
    int acknowledged = 0;
    int nth = 0;
    boolean more = true;
    while (more) {
      nth++;
      Case each = make.apply(TableIdentifier.of(SHOP, "t" + names++));
      Future<?>[] rival = new Future<?>[1];
      calls.reset();
      calls.add(fault(way, nth).meanwhile(() -> rival[0] = begin(each.theirs())));
      try {
        each.ours().run();
      } catch (AlreadyExistsException | FirnException e) {
        // Surely not applied: an unknown outcome would fail the test.
      }
      more = calls.failed() > 0;
      calls.reset();
      await(more ? rival[0] : begin(each.theirs()));
      acknowledged += each.check().get() ? 1 : 0;
    }
    assertThat(nth).as("calls").isGreaterThan(5);
    assertThat(acknowledged).as("acknowledged").isPositive();
  }

  private SqlFault fault(Way way, int nth) {
    IntFunction<SqlFault> moment = way.after() ? SqlFault::after : SqlFault::before;
    return switch (way.failure()) {
      case LOST -> moment.apply(nth);
      case CUT -> moment.apply(nth).cutting();
      case PASSING -> moment.apply(nth).throwing(this::passing);
    };
  }

  /** Where our transaction holds a lock, the rival can only begin; else it is done on return. */
  private Future<?> begin(Runnable theirs) {
    Future<?> rival = otherThread.submit(theirs);
    List<SqlOperation> made = calls.calls().stream().map(call -> call.operation()).toList();
    boolean free =
        made.contains(SqlOperation.COMMIT)
            || made.contains(SqlOperation.ROLLBACK)
            || !made.contains(SqlOperation.EXECUTE);
    try {
      rival.get(free ? 50 : 5, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // It waits for us.
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
    return rival;
  }

  private static void await(Future<?> rival) {
    try {
      rival.get(1, TimeUnit.MINUTES);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private void create(TableIdentifier table, String location) {
    assertThat(swap(others, new Move(table, null, location))).isTrue();
  }

  private static boolean swap(Database with, Move move) {
    return new Pointers(with, "firn").swap(new Swap(List.of(move), List.of(), List.of()))
        instanceof Result.Applied;
  }

  private void moveOrCreate(TableIdentifier table, String location) {
    boolean done = false;
    while (!done) {
      Optional<String> from = new Pointers(others, "firn").find(table);
      try {
        done = swap(others, new Move(table, from.orElse(null), location));
      } catch (AlreadyExistsException e) {
        // Made meanwhile: to be moved.
      }
    }
  }

  /** Returns the previous and the current location. */
  private String row(TableIdentifier table) {
    return others.read(
        "look",
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT previous_metadata_location, metadata_location FROM iceberg_tables WHERE"
                      + " table_name = ?")) {
            select.setString(1, table.name());
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? rows.getString(1) + ">" + rows.getString(2) : "none";
            }
          }
        });
  }
}
