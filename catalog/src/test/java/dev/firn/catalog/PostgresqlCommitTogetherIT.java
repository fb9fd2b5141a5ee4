package dev.firn.catalog;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class PostgresqlCommitTogetherIT extends CommitTogetherContract {
  private final String uri;

  PostgresqlCommitTogetherIT(PostgresServer server) {
    this.uri = server.newDatabase();
  }

  @Override
  String uri(Path directory) {
    return uri;
  }
}
