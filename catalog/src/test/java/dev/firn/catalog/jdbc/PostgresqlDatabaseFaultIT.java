package dev.firn.catalog.jdbc;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.sql.SQLException;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class PostgresqlDatabaseFaultIT extends DatabaseFaultContract {
  private final String uri;

  PostgresqlDatabaseFaultIT(PostgresServer server) {
    uri = server.newDatabase();
  }

  @Override
  String uri() {
    return uri;
  }

  @Override
  SQLException passing() {
    return new SQLException("could not serialize access", "40001");
  }
}
