package dev.firn.catalog;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class InteroperabilityIT extends InteroperabilityContract {
  private final String database;

  InteroperabilityIT(PostgresServer server) {
    database = server.newDatabase();
  }

  @Override
  String database() {
    return database;
  }
}
