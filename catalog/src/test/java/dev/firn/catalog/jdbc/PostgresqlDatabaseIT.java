package dev.firn.catalog.jdbc;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.sql.SQLException;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class PostgresqlDatabaseIT extends DatabaseContract {
  private final String uri;

  PostgresqlDatabaseIT(PostgresServer server) {
    uri = server.newDatabase();
  }

  @Override
  String uri() {
    return uri;
  }

  @Override
  SQLException passing() {
    return new SQLException("terminating connection", "57P01");
  }
}
