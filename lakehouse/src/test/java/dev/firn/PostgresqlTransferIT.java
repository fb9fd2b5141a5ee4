package dev.firn;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class PostgresqlTransferIT extends TransferContract {
  private final String catalog;

  PostgresqlTransferIT(PostgresServer server) {
    this.catalog = server.newDatabase();
  }

  @Override
  Settings settings(Path directory) {
    return Settings.of(
        Map.of("warehouse", directory.resolve("lake").toString(), "catalog", catalog));
  }
}
