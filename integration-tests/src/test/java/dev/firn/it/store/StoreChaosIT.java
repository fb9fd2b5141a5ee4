package dev.firn.it.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.PostgresServer;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * One request in ten fails, in every way that is known, while several threads commit, scan, compact
 * and expire: no answer is wrong, every acknowledged row is there once, and nothing is left behind.
 */
@ExtendWith(TestServers.class)
class StoreChaosIT {
  private static final int COMMITS = Integer.getInteger("firn.chaos.commits", 60);

  @TempDir Path directory;
  private final long seed = Long.getLong("firn.chaos.seed", 20261121L);

  @Test
  void sqlite(S3Server s3) throws Exception {
    survive(s3, "jdbc:sqlite:" + directory.resolve("catalog.db"), COMMITS);
  }

  @Test
  void postgresql(S3Server s3, PostgresServer server) throws Exception {
    survive(s3, server.newDatabase(), COMMITS / 4);
  }

  private void survive(S3Server s3, String catalog, int commits) throws Exception {
    System.out.println("StoreChaosIT -Dfirn.chaos.seed=" + seed);
    Set<Thread> before = new HashSet<>(threads());
    Instant start = Instant.now();
    String happened = new ChaosLake(s3, catalog, seed, commits).run();
    System.out.printf(
        "StoreChaosIT in %.1f s: %s%n",
        Duration.between(start, Instant.now()).toMillis() / 1e3, happened);
    for (Thread thread : threads()) {
      if (!before.contains(thread)) {
        thread.join(60_000);
        assertThat(thread.isAlive()).as("%s is left", thread).isFalse();
      }
    }
  }

  /** Firn's own. */
  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("firn-"))
        .toList();
  }
}
