package dev.firn;

import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import org.junit.jupiter.api.extension.ExtendWith;

/** Files in S3, pointers in SQLite. */
@ExtendWith(TestServers.class)
class WireFaultOnSqliteIT extends EngineFaults {
  private final S3Server s3;

  WireFaultOnSqliteIT(S3Server s3) {
    this.s3 = s3;
  }

  @Override
  FaultGround newGround() {
    return new WireGround(s3, "jdbc:sqlite:" + directory.resolve("catalog.db"));
  }

  @Override
  int sample() {
    return 1;
  }
}
