package dev.firn.it.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.ChildJvm;
import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process with sixteen writers is killed at random moments, again and again. What it acknowledged
 * stays, once; of the rest, no more is there than the one step that each writer was at, and that
 * whole; and what it left behind can be swept.
 *
 * <p>{@code -Dfirn.kills=2000}: how often; {@code -Dfirn.kill.seed}: when.
 */
@ExtendWith(TestServers.class)
class KilledWritersIT {
  private static final int KILLS = Integer.getInteger("firn.kills", 30);

  /** A server's start and databases cost more than a file. */
  private static final int ON_POSTGRESQL = Math.max(1, KILLS / 6);

  private static final int KILLS_PER_LAKE = 50;
  private static final int KILLS_PER_TIDY = 10;
  private static final int MOST_STEPS = 60;
  private static final int LONGEST_MILLIS = 40;

  @TempDir Path directory;
  private final long seed = Long.getLong("firn.kill.seed", 1);
  private final Random random = new Random(seed);

  interface Databases {
    String next(Path directory) throws Exception;
  }

  @Test
  void sqlite() throws Exception {
    killAll(
        KILLS - ON_POSTGRESQL, lake -> "jdbc:sqlite:" + lake.resolve("catalog.db"), catalog -> {});
  }

  @Test
  void postgresql(PostgresServer server) throws Exception {
    killAll(ON_POSTGRESQL, lake -> server.newDatabase(), KilledWritersIT::awaitBackends);
  }

  private interface Aftermath {
    void await(String catalog) throws Exception;
  }

  private void killAll(int kills, Databases databases, Aftermath aftermath) throws Exception {
    System.out.println("KilledWritersIT -Dfirn.kill.seed=" + seed);
    long acknowledged = 0;
    for (int done = 0; done < kills; done += KILLS_PER_LAKE) {
      Path place = Files.createDirectory(directory.resolve("lake" + done));
      String catalog = databases.next(place);
      KilledLake lake = KilledLake.create(place, catalog);
      for (int kill = done; kill < Math.min(kills, done + KILLS_PER_LAKE); kill++) {
        kill(lake, () -> aftermath.await(catalog));
        if (kill % KILLS_PER_TIDY == KILLS_PER_TIDY - 1) {
          lake.sweep();
          lake.tidy();
        }
      }
      lake.sweep();
      acknowledged += lake.acknowledged();
    }
    System.out.println(kills + " kills, " + acknowledged + " steps acknowledged");
    assertThat(acknowledged).isGreaterThan(kills);
  }

  private interface Wait {
    void run() throws Exception;
  }

  private void kill(KilledLake lake, Wait aftermath) throws Exception {
    try (ChildJvm process = lake.start()) {
      assertThat(process.line()).isEqualTo("ready");
      process.go();
      List<String> said = new ArrayList<>();
      int acknowledged = random.nextInt(MOST_STEPS);
      while (acknowledged > 0) {
        said.add(process.line());
        acknowledged -= Character.isDigit(said.get(said.size() - 1).charAt(0)) ? 1 : 0;
      }
      process.letRun(random.nextInt(LONGEST_MILLIS));
      said.addAll(process.kill());
      aftermath.run();
      lake.check(said, process.errors());
    }
  }

  /** A server goes on with what it was asked to do by a client that has died since. */
  private static void awaitBackends(String catalog) throws SQLException {
    try (Connection connection = DriverManager.getConnection(catalog);
        Statement statement = connection.createStatement()) {
      long end = System.nanoTime() + 60_000_000_000L;
      int others = 1;
      while (others > 0) {
        assertThat(System.nanoTime()).as("others are still connected").isLessThan(end);
        try (ResultSet rows =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND pid <> pg_backend_pid()")) {
          rows.next();
          others = rows.getInt(1);
        }
      }
    }
  }
}
