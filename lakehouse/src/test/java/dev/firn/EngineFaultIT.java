package dev.firn;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import org.junit.jupiter.api.extension.ExtendWith;

/** On PostgreSQL. */
@ExtendWith(TestServers.class)
class EngineFaultIT extends EngineFaults {
  private final PostgresServer server;

  EngineFaultIT(PostgresServer server) {
    this.server = server;
  }

  @Override
  FaultGround newGround() {
    return new DiskGround(directory, server.newDatabase());
  }

  @Override
  int sample() {
    return 1;
  }
}
