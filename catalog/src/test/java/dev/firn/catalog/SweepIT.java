package dev.firn.catalog;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class SweepIT extends SweepContract {
  private final String database;

  SweepIT(PostgresServer server) {
    database = server.newDatabase();
  }

  @Override
  String uri(Path directory) {
    return database;
  }
}
