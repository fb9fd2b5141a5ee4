package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
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

  @Test
  void userWithoutTheRightToMakeTablesUsesThoseThatAreThere() throws SQLException {
    String uri = newUri();
    String role = "clerk_" + uri.replaceFirst(".*/", "").replaceFirst("[?].*", "");
    execute(uri, "CREATE ROLE " + role + " LOGIN");
    String clerks = uri.replace("user=postgres", "user=" + role);

    assertThatThrownBy(() -> open(clerks).close())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("the user's rights")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);

    open(uri).close();
    execute(uri, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role);
    try (Database database = open(clerks)) {
      new Namespaces(database, "firn").create(Namespace.of("shop"), Map.of());
      assertThat(new Namespaces(database, "firn").children(Namespace.empty())).hasSize(1);
    }
  }

  @Test
  void schemaThatDoesNotExistIsInvalid() {
    String uri = newUri();

    assertThatThrownBy(() -> open(uri + "&currentSchema=nowhere").close())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("name a schema that exists")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
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
