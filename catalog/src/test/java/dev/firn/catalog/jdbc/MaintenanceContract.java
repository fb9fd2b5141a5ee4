package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What leases and history of maintenance do, whatever database holds them. */
abstract class MaintenanceContract {
  private static final String TABLE = "7d7ee2a0-9f5c-4a3c-8f0e-0a0f5f6b1c11";
  private static final String ORDERS = "shop.orders";
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private Database database;
  private MaintenanceLeases leases;
  private MaintenanceHistory history;
  private String catalog;

  /** Where the database is, which tests may share: each has a catalog of its own. */
  abstract String uri();

  @BeforeEach
  void open() {
    catalog = UUID.randomUUID().toString();
    database = Connections.open(uri(), Map.of(), UnaryOperator.identity());
    leases = new MaintenanceLeases(database, catalog);
    history = new MaintenanceHistory(database, catalog);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void tableThatSomebodyHoldsIsNotLeasedTwice() {
    long epoch = leases.acquire(TABLE, ORDERS, "one", MINUTE).orElseThrow();

    assertThat(leases.acquire(TABLE, ORDERS, "two", MINUTE)).isEmpty();
    assertThat(leases.acquire("other", "shop.items", "two", MINUTE)).isPresent();
    assertThat(leases.renew(TABLE, epoch, MINUTE)).isTrue();
    assertThat(holderOf(TABLE)).contains("one");
  }

  @Test
  void catalogsOfOneDatabaseDoNotDisturbEachOther() {
    MaintenanceLeases others = new MaintenanceLeases(database, UUID.randomUUID().toString());
    leases.acquire(TABLE, ORDERS, "one", MINUTE);
    leases.pause(MaintenanceLeases.CATALOG, "all", true);

    assertThat(others.acquire(TABLE, ORDERS, "two", MINUTE)).isPresent();
    assertThat(others.list()).hasSize(1);
  }

  @Test
  void releasedTableIsFreeAtOnceAndItsEpochGoesOn() {
    long first = leases.acquire(TABLE, ORDERS, "one", MINUTE).orElseThrow();
    leases.release(TABLE, first);

    assertThat(holderOf(TABLE)).isEmpty();
    assertThat(leases.acquire(TABLE, ORDERS, "two", MINUTE)).hasValue(first + 1);
  }

  /** The holder is not asked: it may be dead, or sleep. */
  @Test
  void leaseEndsByTheDatabasesClockAndItsHolderIsFenced() {
    long dead = leases.acquire(TABLE, ORDERS, "dead", Duration.ZERO).orElseThrow();

    long next = leases.acquire(TABLE, ORDERS, "next", MINUTE).orElseThrow();

    assertThat(next).isGreaterThan(dead);
    assertThat(leases.renew(TABLE, dead, MINUTE)).isFalse();
    leases.release(TABLE, dead);
    assertThat(holderOf(TABLE)).contains("next");
    assertThat(leases.renew(TABLE, next, MINUTE)).isTrue();
  }

  @Test
  void leaseThatRanOutGoesOnWhereNobodyTookTheTable() {
    long epoch = leases.acquire(TABLE, ORDERS, "slow", Duration.ZERO).orElseThrow();

    assertThat(leases.renew(TABLE, epoch, MINUTE)).isTrue();
    assertThat(leases.acquire(TABLE, ORDERS, "two", MINUTE)).isEmpty();
  }

  @Test
  void leaseThatWasReleasedIsNotRenewed() {
    long epoch = leases.acquire(TABLE, ORDERS, "one", MINUTE).orElseThrow();
    leases.release(TABLE, epoch);

    assertThat(leases.renew(TABLE, epoch, MINUTE)).isFalse();
    assertThat(leases.acquire(TABLE, ORDERS, "two", MINUTE)).isPresent();
  }

  @Test
  void pausedTableIsNeitherLeasedNorHeldOn() {
    long epoch = leases.acquire(TABLE, ORDERS, "one", MINUTE).orElseThrow();
    leases.pause(TABLE, ORDERS, true);

    assertThat(leases.isPaused(TABLE)).isTrue();
    assertThat(leases.renew(TABLE, epoch, MINUTE)).isFalse();
    leases.release(TABLE, epoch);
    assertThat(leases.acquire(TABLE, ORDERS, "two", MINUTE)).isEmpty();
    assertThat(leases.acquire("other", "shop.items", "two", MINUTE)).isPresent();

    leases.pause(TABLE, ORDERS, false);
    assertThat(leases.acquire(TABLE, ORDERS, "two", MINUTE)).hasValue(epoch + 1);
  }

  @Test
  void pausedCatalogLeasesNothing() {
    long epoch = leases.acquire(TABLE, ORDERS, "one", MINUTE).orElseThrow();
    leases.pause(MaintenanceLeases.CATALOG, "all tables", true);

    assertThat(leases.isPaused(TABLE)).isTrue();
    assertThat(leases.renew(TABLE, epoch, MINUTE)).isFalse();
    assertThat(leases.acquire("never seen", "shop.new", "two", MINUTE)).isEmpty();
    leases.release(TABLE, epoch);
    assertThat(leases.acquire(TABLE, ORDERS, "two", MINUTE)).isEmpty();
    assertThat(leases.list().get(0).tableUuid()).isEqualTo(MaintenanceLeases.CATALOG);

    leases.pause(MaintenanceLeases.CATALOG, "all tables", false);
    assertThat(leases.acquire(TABLE, ORDERS, "two", MINUTE)).isPresent();
  }

  /** Several processes, as pools of their own, some of which die while they hold a table. */
  @Test
  void noTableIsHeldByTwoAtOnce() throws Exception {
    int tables = 3;
    List<AtomicInteger> holders = new ArrayList<>();
    for (int i = 0; i < tables; i++) {
      holders.add(new AtomicInteger());
    }
    List<Database> pools = new ArrayList<>();
    List<Callable<List<String>>> workers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      if (i % 2 == 0) {
        pools.add(Connections.open(uri(), Map.of(), UnaryOperator.identity()));
      }
      MaintenanceLeases own = new MaintenanceLeases(pools.get(pools.size() - 1), catalog);
      int worker = i;
      workers.add(() -> work(own, "worker " + worker, holders));
    }
    ExecutorService threads = Executors.newFixedThreadPool(workers.size());
    List<String> epochs = new ArrayList<>();
    try {
      for (Future<List<String>> each : threads.invokeAll(workers)) {
        epochs.addAll(each.get());
      }
    } finally {
      threads.shutdown();
      pools.forEach(Database::close);
    }
    Set<String> distinct = new HashSet<>(epochs);
    assertThat(distinct).as("each lease has an epoch of its own").hasSameSizeAs(epochs);
    assertThat(epochs).isNotEmpty();
  }

  private static List<String> work(
      MaintenanceLeases leases, String name, List<AtomicInteger> holders) {
    List<String> epochs = new ArrayList<>();
    for (int round = 0; round < 30; round++) {
      int at = round % holders.size();
      boolean dies = round % 5 == 4;
      String table = "table " + at;
      OptionalLong epoch = leases.acquire(table, table, name, dies ? Duration.ZERO : MINUTE);
      if (epoch.isPresent()) {
        epochs.add(table + " " + epoch.getAsLong());
        if (!dies) {
          assertThat(holders.get(at).incrementAndGet()).as(table).isEqualTo(1);
          assertThat(leases.renew(table, epoch.getAsLong(), MINUTE)).isTrue();
          assertThat(holders.get(at).decrementAndGet()).as(table).isZero();
          leases.release(table, epoch.getAsLong());
        }
      }
    }
    return epochs;
  }

  @Test
  void historyIsListedNewestFirst() {
    record(TABLE, "compact", "done");
    record("other", "expire", "failed");
    record(TABLE, "expire", "done");

    assertThat(history.list(null, 10)).hasSize(3);
    List<MaintenanceHistory.Entry> ofTable = history.list(TABLE, 10);
    assertThat(ofTable)
        .extracting(MaintenanceHistory.Entry::kind)
        .containsExactlyInAnyOrder("compact", "expire");
    MaintenanceHistory.Entry entry = ofTable.get(0);
    assertThat(entry.tableName()).isEqualTo(ORDERS);
    assertThat(entry.outcome()).isEqualTo("done");
    assertThat(entry.detail()).isEqualTo("{\"files\":3}");
    assertThat(Duration.between(entry.startedAt(), entry.endedAt())).isEqualTo(MINUTE);
    assertThat(entry.endedAt()).isBetween("2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
    assertThat(history.list(TABLE, 1)).hasSize(1);
  }

  @Test
  void clockIsTheOneThatEntriesAreOf() {
    Instant before = history.now();
    record(TABLE, "compact", "done");
    assertThat(history.list(TABLE, 1).get(0).endedAt()).isBetween(before, history.now());
  }

  @Test
  void oldestEntriesOfAKindGoAndOtherKindsStay() {
    record(TABLE, "statistics", "done");
    record("other", "compact", "done");
    for (int i = 0; i < MaintenanceHistory.KEPT + 7; i++) {
      record(TABLE, "compact", "done");
    }

    assertThat(history.list(TABLE, 1_000)).hasSize(MaintenanceHistory.KEPT + 1);
    assertThat(history.list("other", 1_000)).hasSize(1);
  }

  private void record(String table, String kind, String outcome) {
    history.record(table, ORDERS, kind, MINUTE, outcome, "{\"files\":3}");
  }

  private Optional<String> holderOf(String table) {
    return leases.list().stream()
        .filter(state -> state.tableUuid().equals(table))
        .findFirst()
        .flatMap(MaintenanceLeases.State::holder);
  }
}
