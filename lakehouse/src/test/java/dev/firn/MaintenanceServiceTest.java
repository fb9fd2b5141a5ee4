package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.jdbc.MaintenanceLeases;
import dev.firn.compaction.policy.MaintenancePolicy;
import dev.firn.compaction.policy.WorkKind;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.maintenance.FailedLook;
import dev.firn.maintenance.Maintenance;
import dev.firn.maintenance.MaintenanceMetrics;
import dev.firn.maintenance.MaintenancePlan;
import dev.firn.maintenance.MaintenanceService;
import dev.firn.maintenance.Outcome;
import dev.firn.maintenance.PerformedWork;
import dev.firn.maintenance.PlannedWork;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaintenanceServiceTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
  private static final String ORDERS = "shop.orders";
  private static final Duration OFTEN = Duration.ofMillis(50);

  record Row(long id) {}

  @TempDir Path directory;
  private FaultyFileIO store;
  private Lakehouse lake;

  @BeforeEach
  void open() {
    lake =
        Lakehouse.open(
            Settings.of(directory),
            io -> {
              store = new FaultyFileIO(io);
              return store;
            });
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private LakeTable create(String name) {
    return lake.createTable(
        name,
        SCHEMA,
        t ->
            // At a share of 1 nothing waits for as long as the work before it took.
            t.property(MaintenancePolicy.MIN_FILES, "4")
                .property(MaintenancePolicy.SHARE, "1")
                .property("write.parquet.compression-codec", "uncompressed"));
  }

  private static void append(LakeTable table, long from, long to) {
    for (long id = from; id < to; id++) {
      try (TableWriter writer = table.append()) {
        writer.write(new Row(id));
        writer.commit();
      }
    }
  }

  private static Set<Long> ids(LakeTable table) {
    List<Long> ids = new ArrayList<>();
    table.scan().toList().forEach(row -> ids.add((Long) row.get(0)));
    assertThat(ids).doesNotHaveDuplicates();
    return new TreeSet<>(ids);
  }

  private static Set<Long> range(long from, long to) {
    return LongStream.range(from, to).boxed().collect(Collectors.toCollection(TreeSet::new));
  }

  private static long files(LakeTable table) {
    return StreamSupport.stream(table.iceberg().newScan().planFiles().spliterator(), false).count();
  }

  /** Polls, with a bound that a loaded machine does not reach. */
  private static void until(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    CountDownLatch never = new CountDownLatch(1);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      assertThat(never.await(10, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  private static List<String> kinds(List<PerformedWork> work) {
    return work.stream().map(PerformedWork::kind).toList();
  }

  private long requests() {
    return store.count(FileOperation.OPEN)
        + store.count(FileOperation.CREATE)
        + store.count(FileOperation.DELETE)
        + store.count(FileOperation.LIST);
  }

  @Test
  void streamOfSmallCommitsLeavesFewFilesAndAllRowsAndThenQuiet() throws Exception {
    LakeTable orders = create(ORDERS);
    long most = 0;
    try (MaintenanceService service = lake.maintenance().interval(OFTEN).start()) {
      for (int i = 0; i < 40; i++) {
        append(orders, i, i + 1);
        long below = i;
        until("files are merged", () -> files(orders) < 16 || below < 16);
        most = Math.max(most, files(orders));
      }
      until("looks without requests or commits", () -> looksInVain(service, orders));
      assertThat(lake.maintenance().plan().isEmpty()).isTrue();
      assertThat(service.metrics().failed()).isZero();
      assertThat(service.metrics().bytesRead()).isPositive();
    }
    assertThat(ids(orders)).isEqualTo(range(0, 40));
    assertThat(most).isLessThanOrEqualTo(16);
    assertThat(kinds(lake.maintenance().history(100)))
        .contains(WorkKind.COMPACT_RECENT.word(), WorkKind.SWEEP.word());
  }

  /** Whether five looks pass so; what waited for its share of the time may come between. */
  private boolean looksInVain(MaintenanceService service, LakeTable table) {
    if (!isQuiet(service)) {
      return false;
    }
    long requests = requests();
    Snapshot head = table.iceberg().currentSnapshot();
    long looks = service.metrics().looks();
    try {
      until("more looks", () -> service.metrics().looks() > looks + 5);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return requests() == requests && head.equals(table.iceberg().currentSnapshot());
  }

  private boolean isQuiet(MaintenanceService service) {
    return lake.maintenance().plan().isEmpty()
        && service.status().size() == 1
        && service.status().get(0).work() == null
        && service.metrics().done() > 0;
  }

  @Test
  void runOnceDoesWhatThePlanSaysAndThenNothing() {
    LakeTable orders = create(ORDERS);
    append(orders, 0, 6);
    Maintenance maintenance = lake.maintenance().tables(List.of(ORDERS));

    List<PlannedWork> planned = maintenance.plan().due();
    assertThat(planned)
        .extracting(each -> each.work().kind())
        .containsExactly(WorkKind.COMPACT_RECENT, WorkKind.SWEEP);
    assertThat(planned.get(0).work().reason()).contains("6 files");
    assertThat(files(orders)).isEqualTo(6);

    List<PerformedWork> done = maintenance.runOnce();

    assertThat(kinds(done)).containsExactly("compact-recent", "sweep");
    assertThat(done).extracting(PerformedWork::outcome).containsOnly(Outcome.DONE.word());
    assertThat(done.get(0).detail()).contains("\"files_before\":6", "\"files_after\":1");
    assertThat(files(orders)).isEqualTo(1);
    assertThat(maintenance.runOnce()).isEmpty();
    assertThat(maintenance.plan().isEmpty()).isTrue();
    assertThat(kinds(maintenance.history(10))).containsExactlyInAnyOrderElementsOf(kinds(done));
  }

  @Test
  void pausedTableIsLeftAloneByAllUntilItIsResumed() {
    LakeTable orders = create(ORDERS);
    create("shop.items");
    append(orders, 0, 6);
    lake.maintenance().tables(List.of(ORDERS)).pause();

    try (Lakehouse other = Lakehouse.open(directory)) {
      assertThat(other.maintenance().isPaused(ORDERS)).isTrue();
      assertThat(other.maintenance().runOnce())
          .extracting(PerformedWork::table)
          .containsOnly("shop.items");
      other.maintenance().pause();
      assertThat(lake.maintenance().isPaused("shop.items")).isTrue();
      other.maintenance().resume();
      other.maintenance().tables(List.of(ORDERS)).resume();
    }

    assertThat(kinds(lake.maintenance().runOnce())).contains("compact-recent");
    assertThat(files(orders)).isEqualTo(1);
  }

  @Test
  void failureIsRecordedAndBackedOffAndTheTableStaysWhole() {
    LakeTable orders = create(ORDERS);
    append(orders, 0, 6);
    store.add(
        Fault.before(FileOperation.CREATE, 1)
            .at(location -> location.endsWith(".parquet"))
            .throwing(() -> new IOException("no space left")));

    List<PerformedWork> first = lake.maintenance().runOnce();
    List<PerformedWork> second = lake.maintenance().runOnce();

    assertThat(first)
        .filteredOn(work -> work.kind().equals("compact-recent"))
        .singleElement()
        .satisfies(
            work -> {
              assertThat(work.outcome()).isEqualTo(Outcome.FAILED.word());
              assertThat(work.detail()).contains("Cannot create a Parquet file");
            });
    assertThat(kinds(second)).as("tried again at once").doesNotContain("compact-recent");
    assertThat(ids(orders)).isEqualTo(range(0, 6));
  }

  @Test
  void badPropertyIsToldAndOtherTablesAreMaintained() throws Exception {
    LakeTable orders = create(ORDERS);
    orders.setProperties(Map.of(MaintenancePolicy.SHARE, "much"));
    LakeTable items = create("shop.items");
    append(items, 0, 6);

    try (MaintenanceService service = lake.maintenance().interval(OFTEN).start()) {
      until("the other table is compacted", () -> files(items) == 1);
      until("the error is told", () -> service.status().stream().anyMatch(s -> s.error() != null));

      assertThat(service.status())
          .filteredOn(status -> status.error() != null)
          .singleElement()
          .satisfies(
              status -> {
                assertThat(status.table()).isEqualTo(ORDERS);
                assertThat(status.error()).contains("Cannot read property firn.maintenance.share");
              });
    }
  }

  @Test
  void planTellsTheTableWithABadPropertyAndWhatIsDueOfTheOthers() {
    create("shop.broken").setProperties(Map.of(MaintenancePolicy.SHARE, "much"));
    create("shop.old")
        .setProperties(Map.of("firn.retention.column", "id", "firn.retention.age", "1d"));
    append(create("shop.zebras"), 0, 6);

    MaintenancePlan plan = lake.maintenance().plan();

    assertThat(plan.due()).extracting(PlannedWork::table).contains("shop.zebras");
    assertThat(plan.failed())
        .extracting(FailedLook::table)
        .containsExactly("shop.broken", "shop.old");
    assertThat(plan.failed().get(0).error())
        .hasMessageContaining("Cannot maintain shop.broken: ")
        .hasMessageContaining(MaintenancePolicy.SHARE);
    assertThat(plan.failed().get(1).error())
        .hasMessageContaining("Cannot drop rows of shop.old by age");
    assertThat(plan.isEmpty()).isFalse();
  }

  @Test
  void lakehousesThatShareACatalogNeverDoATableTwiceAtOnce() throws Exception {
    LakeTable orders = create(ORDERS);
    int done = 0;
    ConcurrentLinkedQueue<PerformedWork> all = new ConcurrentLinkedQueue<>();
    try (Lakehouse second = Lakehouse.open(directory);
        Lakehouse third = Lakehouse.open(directory);
        MaintenanceService a = lake.maintenance().interval(OFTEN).listener(all::add).start();
        MaintenanceService b = second.maintenance().interval(OFTEN).listener(all::add).start();
        MaintenanceService c = third.maintenance().interval(OFTEN).listener(all::add).start()) {
      append(orders, 0, 24);
      until("nothing is due", () -> lake.maintenance().plan().isEmpty());
      for (MaintenanceService each : List.of(a, b, c)) {
        done += (int) each.metrics().done();
      }
    }
    assertThat(done).isPositive();
    assertThat(ids(orders)).isEqualTo(range(0, 24));
    List<PerformedWork> inOrder =
        all.stream().sorted(Comparator.comparing(PerformedWork::startedAt)).toList();
    assertThat(inOrder).extracting(PerformedWork::outcome).doesNotContain(Outcome.FAILED.word());
    for (int i = 1; i < inOrder.size(); i++) {
      assertThat(inOrder.get(i).startedAt())
          .as("one begins after the other has ended, to the millisecond: " + inOrder)
          .isAfterOrEqualTo(inOrder.get(i - 1).endedAt().minusMillis(50));
    }
  }

  @Test
  void tableOfAHolderThatDiedIsTakenOverWhenItsLeaseEnds() throws Exception {
    LakeTable orders = create(ORDERS);
    append(orders, 0, 6);
    String uuid = orders.iceberg().uuid().toString();
    // A process that took the table, and was killed: it neither renews nor releases.
    MaintenanceLeases leases = lake.catalog().maintenanceLeases();
    long epoch = leases.acquire(uuid, ORDERS, "dead", Duration.ofMinutes(10)).orElseThrow();

    assertThat(lake.maintenance().runOnce()).as("while the lease lasts").isEmpty();
    assertThat(leases.renew(uuid, epoch, Duration.ofMillis(1))).isTrue();
    until("the lease ends", () -> !lake.maintenance().runOnce().isEmpty());

    assertThat(files(orders)).isEqualTo(1);
  }

  @Test
  void workIsGivenUpWhereTheServiceIsClosedInItsMidst() throws Exception {
    LakeTable orders = create(ORDERS);
    append(orders, 0, 6);
    CountDownLatch working = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    store.add(
        // It waits, and fails nothing.
        Fault.before(FileOperation.CREATE, 1)
            .at(
                location -> {
                  if (location.endsWith(".parquet")) {
                    working.countDown();
                    await(closing);
                  }
                  return false;
                }));
    MaintenanceService service = lake.maintenance().interval(OFTEN).start();
    assertThat(working.await(60, TimeUnit.SECONDS)).isTrue();

    Thread closer = new Thread(service::close, "closer");
    closer.start();
    until("the service is closing", () -> closer.getState() == Thread.State.TIMED_WAITING);
    closing.countDown();
    closer.join(TimeUnit.SECONDS.toMillis(60));

    assertThat(closer.isAlive()).isFalse();
    MaintenanceMetrics metrics = service.metrics();
    assertThat(metrics.abandoned() + metrics.done()).isEqualTo(1);
    assertThat(files(orders)).isEqualTo(metrics.done() == 1 ? 1 : 6);
    assertThat(ids(orders)).isEqualTo(range(0, 6));
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("firn-maintenance-") && !name.contains("lease"));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void lakehouseClosesServicesThatAreStillOpen() {
    create(ORDERS);
    MaintenanceService service = lake.maintenance().interval(OFTEN).start();

    lake.close();

    service.close();
    assertThat(service.metrics().failed()).isZero();
    open();
  }

  @Test
  void tableThatIsDroppedIsForgotten() throws Exception {
    create(ORDERS);
    create("shop.items");
    try (MaintenanceService service = lake.maintenance().interval(OFTEN).start()) {
      until("both are swept", () -> lake.maintenance().history(100).size() == 2);
      assertThat(service.status()).hasSize(2);
      lake.purgeTable(ORDERS);
      until("one is watched", () -> service.status().size() == 1);
    }
    assertThat(lake.maintenance().history(100))
        .extracting(PerformedWork::table)
        .doesNotContain(ORDERS);
  }

  @Test
  void diagnosisNamesWhatMendsATable() {
    LakeTable orders = create(ORDERS);
    append(orders, 0, 20);

    var before = lake.maintenance().examine(ORDERS);
    assertThat(before.healthy()).isFalse();
    assertThat(before.findings().get(0).what()).isEqualTo("small-files");
    assertThat(before.findings().get(0).command()).isEqualTo("firn compact shop.orders");

    lake.maintenance().runOnce();

    assertThat(lake.maintenance().examine(ORDERS).score()).isGreaterThan(before.score());
    assertThat(lake.maintenance().examine(ORDERS).healthy()).isTrue();
    assertThatThrownBy(() -> lake.maintenance().examine("shop.nothing"))
        .isInstanceOf(FirnException.class)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.NOT_FOUND);
  }
}
