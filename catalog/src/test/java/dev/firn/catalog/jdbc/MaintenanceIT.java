package dev.firn.catalog.jdbc;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MaintenanceIT extends MaintenanceContract {
  private final String database;

  MaintenanceIT(PostgresServer server) {
    database = server.newDatabase();
  }

  @Override
  String uri() {
    return database;
  }
}
