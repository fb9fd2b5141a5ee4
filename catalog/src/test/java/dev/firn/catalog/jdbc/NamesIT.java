package dev.firn.catalog.jdbc;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class NamesIT extends NamesContract {
  private final String database;

  NamesIT(PostgresServer server) {
    database = server.newDatabase();
  }

  @Override
  String uri() {
    return database;
  }
}
