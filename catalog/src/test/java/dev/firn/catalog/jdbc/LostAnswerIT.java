package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.jdbc.AnswerSwallowingProxy.Plan;
import dev.firn.catalog.jdbc.Pointers.Move;
import dev.firn.catalog.jdbc.Pointers.Result;
import dev.firn.catalog.jdbc.Pointers.Swap;
import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A real server, a real driver, and a network that fails where it hurts most. */
@ExtendWith(TestServers.class)
class LostAnswerIT {
  private static final TableIdentifier ORDERS = TableIdentifier.of("shop", "orders");

  private final String direct;
  private AnswerSwallowingProxy network;
  private Database database;
  private Database others;

  LostAnswerIT(PostgresServer server) {
    direct = server.newDatabase();
  }

  @BeforeEach
  void open() throws IOException {
    int port = URI.create(direct.substring("jdbc:".length())).getPort();
    network = new AnswerSwallowingProxy(port);
    String far = direct.replace(":" + port, ":" + network.port()) + "&prepareThreshold=0";
    database = MigrationsContract.open(far);
    others = MigrationsContract.open(direct);
    new Namespaces(others, "firn").create(Namespace.of("shop"), Map.of());
    assertThat(swap(others, null, "m0")).isEqualTo(new Result.Applied());
  }

  @AfterEach
  void close() throws IOException {
    database.close();
    others.close();
    network.close();
  }

  /** What Iceberg's own catalog loses: the other writer's commit, acknowledged in the window. */
  @Test
  void commitWhoseAnswerIsLostIsAcknowledgedAndTheNextOneStays() {
    AtomicReference<Result> next = new AtomicReference<>();
    network.next(Plan.SWALLOW_ANSWER, () -> next.set(swap(others, "m0>ours", "theirs")));

    Result result = swap(database, "m0", "m0>ours");

    assertThat(result).isEqualTo(new Result.Applied());
    assertThat(next.get()).isEqualTo(new Result.Applied());
    assertThat(new Pointers(database, "firn").find(ORDERS)).contains("theirs");
  }

  @Test
  void commitThatNeverArrivedIsTriedAgainAndLosesToTheOther() {
    AtomicReference<Result> next = new AtomicReference<>();
    network.next(Plan.BREAK_BEFORE, () -> next.set(swap(others, "m0", "theirs")));

    Result result = swap(database, "m0", "ours");

    assertThat(next.get()).isEqualTo(new Result.Applied());
    assertThat(result).isEqualTo(new Result.Moved(List.of(ORDERS)));
    assertThat(new Pointers(database, "firn").find(ORDERS)).contains("theirs");
  }

  /** The server still holds the transaction's locks, until it ends it by itself. */
  @Test
  @Timeout(120)
  void commitThatNeverArrivedIsTriedAgainOnceTheServerHasGivenUpOnTheFirst() {
    AtomicInteger lost = new AtomicInteger();
    network.next(Plan.PARTITION, lost::incrementAndGet);

    assertThat(swap(database, "m0", "ours")).isEqualTo(new Result.Applied());
    assertThat(lost).hasValue(1);
    assertThat(new Pointers(others, "firn").find(ORDERS)).contains("ours");
  }

  @ParameterizedTest
  @EnumSource(names = {"SWALLOW_ANSWER", "BREAK_BEFORE"})
  void manyLostAnswersLoseNothing(Plan plan) {
    AtomicInteger lost = new AtomicInteger();
    for (int i = 0; i < 20; i++) {
      network.next(plan, lost::incrementAndGet);
      assertThat(swap(database, "m" + i, "m" + (i + 1))).isEqualTo(new Result.Applied());
    }
    assertThat(lost).hasValue(20);
    assertThat(new Pointers(others, "firn").find(ORDERS)).contains("m20");
  }

  @Test
  void everyConnectionMayDieBetweenCalls() throws SQLException {
    for (int i = 0; i < 5; i++) {
      assertThat(swap(database, "m" + i, "m" + (i + 1))).isEqualTo(new Result.Applied());
      MigrationsContract.execute(
          direct,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
              + " AND datname = current_database()");
      assertThat(new Pointers(database, "firn").find(ORDERS)).contains("m" + (i + 1));
    }
  }

  private static Result swap(Database with, String from, String to) {
    return new Pointers(with, "firn")
        .swap(new Swap(List.of(new Move(ORDERS, from, to)), List.of(), List.of()));
  }
}
