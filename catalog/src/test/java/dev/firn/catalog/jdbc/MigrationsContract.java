package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.SqlFault;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.Test;

/** How the catalog's tables come to be, whatever database holds them. */
abstract class MigrationsContract {
  private static final TableIdentifier ORDERS = TableIdentifier.of("shop", "orders");

  /** Iceberg's own, as its catalog makes it before views are asked for. */
  static final String V0 =
      "CREATE TABLE iceberg_tables(catalog_name VARCHAR(255) NOT NULL, table_namespace"
          + " VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL, metadata_location"
          + " VARCHAR(1000), previous_metadata_location VARCHAR(1000), PRIMARY KEY (catalog_name,"
          + " table_namespace, table_name))";

  /** Returns where a new, empty database is. */
  abstract String newUri();

  @Test
  void tablesOfAnotherEngineAreUpgradedAndKept() throws SQLException {
    String uri = newUri();
    execute(
        uri,
        V0,
        "CREATE TABLE bookmarks(url VARCHAR(100))",
        "INSERT INTO iceberg_tables VALUES ('firn', 'shop', 'orders', 'm7', 'm6')");

    open(uri).close();
    try (Database again = open(uri)) {
      assertThat(new Pointers(again, "firn").find(ORDERS)).contains("m7");
      assertThat(new Namespaces(again, "firn").exists(Namespace.of("shop"))).isTrue();
      new Names(again, "firn")
          .create(TableIdentifier.of("shop", "v"), Names.Kind.VIEW, "view location");
    }
    // As an engine that knows no views goes on to do.
    execute(
        uri,
        "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name, metadata_location,"
            + " previous_metadata_location) VALUES ('firn', 'shop', 'items', 'i0', NULL)",
        "INSERT INTO bookmarks VALUES ('here')");
  }

  @Test
  void databaseOfTheFirstVersionGetsMaintenance() throws SQLException {
    String uri = newUri();
    open(uri).close();
    execute(
        uri,
        "DROP TABLE firn_maintenance",
        "DROP TABLE firn_maintenance_history",
        "DELETE FROM firn_schema WHERE version > 1");

    try (Database database = open(uri)) {
      MaintenanceLeases leases = new MaintenanceLeases(database, "firn");
      assertThat(leases.acquire("u", "shop.orders", "me", Duration.ofMinutes(1))).hasValue(1);
    }
  }

  @Test
  void newerTablesAreRefused() throws SQLException {
    String uri = newUri();
    open(uri).close();
    execute(uri, "INSERT INTO firn_schema VALUES (" + (Migrations.VERSION + 1) + ")");

    assertThatThrownBy(() -> open(uri).close())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("made by a newer Firn, expected version 2 or older, got 3")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void newDatabaseCanBeOpenedByManyAtOnce() throws Exception {
    String uri = newUri();
    int openers = 6;
    CyclicBarrier together = new CyclicBarrier(openers);
    List<Callable<Boolean>> all = new ArrayList<>();
    for (int i = 0; i < openers; i++) {
      Namespace own = Namespace.of("n" + i);
      all.add(
          () -> {
            together.await();
            try (Database database = open(uri)) {
              new Namespaces(database, "firn").create(own, Map.of());
              return true;
            }
          });
    }
    ExecutorService threads = Executors.newFixedThreadPool(openers);
    try {
      for (Future<Boolean> each : threads.invokeAll(all)) {
        assertThat(each.get()).isTrue();
      }
    } finally {
      threads.shutdown();
    }
    try (Database database = open(uri)) {
      assertThat(new Namespaces(database, "firn").children(Namespace.empty())).hasSize(openers);
    }
  }

  @Test
  void openingThatFailedAtAnyCallCanBeDoneAgain() {
    for (boolean after : new boolean[] {false, true}) {
      String uri = newUri();
      long failed = 1;
      for (int nth = 1; failed > 0; nth++) {
        SqlFault fault = after ? SqlFault.after(nth) : SqlFault.before(nth);
        FaultyDataSource[] calls = new FaultyDataSource[1];
        try {
          Connections.open(
                  uri, Map.of(), pool -> calls[0] = new FaultyDataSource(pool).add(fault.cutting()))
              .close();
        } catch (FirnException e) {
          assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        }
        failed = calls[0].failed();
      }
      try (Database database = open(uri)) {
        new Namespaces(database, "firn").create(Namespace.of("shop"), Map.of());
      }
    }
  }

  static Database open(String uri) {
    return Connections.open(uri, Map.of(), UnaryOperator.identity());
  }

  static void execute(String uri, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection(uri);
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }
}
