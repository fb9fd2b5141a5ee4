package dev.firn;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import org.junit.jupiter.api.extension.ExtendWith;

/** Files in S3, pointers in PostgreSQL. */
@ExtendWith(TestServers.class)
class WireFaultOnPostgresIT extends EngineFaults {
  private final S3Server s3;
  private final PostgresServer postgres;

  WireFaultOnPostgresIT(S3Server s3, PostgresServer postgres) {
    this.s3 = s3;
    this.postgres = postgres;
  }

  @Override
  FaultGround newGround() {
    return new WireGround(s3, postgres.newDatabase());
  }

  @Override
  int sample() {
    return 1;
  }
}
