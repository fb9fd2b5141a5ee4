package dev.firn.catalog.intent;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class WriteIntentsIT extends WriteIntentsContract {
  private final String database;

  WriteIntentsIT(PostgresServer server) {
    database = server.newDatabase();
  }

  @Override
  String uri() {
    return database;
  }
}
