package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.sql.SQLException;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class PostgresqlMigrationsIT extends MigrationsContract {
  private final PostgresServer server;

  PostgresqlMigrationsIT(PostgresServer server) {
    this.server = server;
  }

  @Override
  String newUri() {
    return server.newDatabase();
  }

  /** Iceberg's own catalog looks in all schemas, and finds the other's tables. */
  @Test
  void eachSchemaHasACatalogOfItsOwn() throws SQLException {
    String uri = newUri();
    open(uri).close();
    execute(uri, "CREATE SCHEMA sales");

    try (Database first = open(uri);
        Database second = open(uri + "&currentSchema=sales")) {
      new Namespaces(second, "firn").create(Namespace.of("shop"), Map.of());

      assertThat(new Namespaces(first, "firn").children(Namespace.empty())).isEmpty();
      assertThat(new Namespaces(second, "firn").children(Namespace.empty())).hasSize(1);
    }
  }
}
