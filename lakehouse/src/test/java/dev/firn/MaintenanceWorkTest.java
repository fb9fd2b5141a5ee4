package dev.firn;

import static dev.firn.testing.TableFixture.deleteRows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.change.TableDelete;
import dev.firn.compaction.maintain.Retention;
import dev.firn.compaction.policy.Diagnosis;
import dev.firn.compaction.policy.Finding;
import dev.firn.compaction.policy.MaintenancePolicy;
import dev.firn.maintenance.MaintenanceService;
import dev.firn.maintenance.Outcome;
import dev.firn.maintenance.PerformedWork;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import dev.firn.testing.TableFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the service does beside compaction: statistics, old rows, delete files. */
class MaintenanceWorkTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "day", Types.DateType.get()));
  private static final String ORDERS = "shop.orders";

  record Row(long id, LocalDate day) {}

  @TempDir Path directory;
  private final LocalDate today = LocalDate.now(ZoneOffset.UTC);
  private FaultyFileIO store;
  private Lakehouse lake;
  private LakeTable orders;

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

  private void create(int version, Map<String, String> properties) {
    orders =
        lake.createTable(
            ORDERS,
            SCHEMA,
            t -> {
              // At a share of 1 nothing waits for as long as the work before it took.
              t.formatVersion(version)
                  .property(MaintenancePolicy.SWEEP_INTERVAL, "0s")
                  .property(MaintenancePolicy.SHARE, "1");
              properties.forEach(t::property);
            });
  }

  private void append(Row... rows) {
    try (TableWriter writer = orders.append()) {
      writer.writeAll(List.of(rows));
      writer.commit();
    }
  }

  private List<Long> ids() {
    List<Long> ids = new ArrayList<>();
    orders.scan().toList().forEach(row -> ids.add((Long) row.get(0)));
    return ids.stream().sorted().toList();
  }

  private List<String> runOnce() {
    List<PerformedWork> done = lake.maintenance().runOnce();
    assertThat(done).extracting(PerformedWork::outcome).containsOnly(Outcome.DONE.word());
    return done.stream().map(PerformedWork::kind).toList();
  }

  private List<String> findings() {
    Diagnosis diagnosis = lake.maintenance().examine(ORDERS);
    return diagnosis.findings().stream().map(Finding::what).toList();
  }

  @Test
  void statisticsAreComputedWhereAskedForAndAgainOnceRowsHaveChanged() {
    create(3, Map.of());
    append(new Row(1, today), new Row(2, null));
    assertThat(lake.maintenance().plan().isEmpty()).isTrue();
    assertThat(findings()).contains("statistics");

    orders.setProperties(
        Map.of(MaintenancePolicy.STATISTICS, "true", MaintenancePolicy.STATISTICS_INTERVAL, "0s"));
    assertThat(lake.maintenance().plan().due().get(0).work().reason())
        .isEqualTo("no statistics of distinct values");
    assertThat(runOnce()).containsExactly("compute-statistics");

    assertThat(orders.iceberg().statisticsFiles()).hasSize(1);
    assertThat(findings()).doesNotContain("statistics");
    assertThat(lake.maintenance().history(10).get(0).detail())
        .isEqualTo("{\"columns\":2,\"rows\":2}");
    assertThat(lake.maintenance().runOnce()).isEmpty();
    append(new Row(3, today));
    assertThat(lake.maintenance().plan().due().get(0).work().reason())
        .startsWith("33 % of the rows");
    assertThat(runOnce()).containsExactly("compute-statistics");
    assertThat(orders.iceberg().statisticsFiles()).hasSize(2);
  }

  @Test
  void oldRowsAreDroppedAndYoungOnesAndThoseWithoutADayStay() {
    create(3, Map.of(Retention.COLUMN, "day", Retention.AGE, "30d"));
    append(new Row(1, today.minusDays(40)), new Row(2, today.minusDays(41)));
    append(new Row(3, today.minusDays(33)), new Row(4, today), new Row(5, null), new Row(6, today));
    assertThat(findings()).contains("old-rows");
    assertThat(lake.maintenance().plan().due().get(0).work().reason())
        .contains("the oldest rows are of " + today.minusDays(40));

    assertThat(runOnce()).containsExactly("drop-old-rows");

    assertThat(ids()).containsExactly(4L, 5L, 6L);
    assertThat(lake.maintenance().history(10).get(0).detail())
        .contains("\"rows\":3", "\"files_removed\":1");
    assertThat(lake.maintenance().runOnce()).isEmpty();
    assertThat(orders.verify().deep().run().findings()).isEmpty();
  }

  /** In either way of deleting, at each of its files. */
  @ParameterizedTest
  @ValueSource(strings = {"merge-on-read", "copy-on-write"})
  void dropOfOldRowsThatIsEndedMidwayLeavesNothing(String mode) throws Exception {
    create(3, Map.of("write.delete.mode", mode, Retention.COLUMN, "day", Retention.AGE, "30d"));
    for (int id = 0; id < 3; id++) {
      append(new Row(id, today.minusDays(40)), new Row(10 + id, today));
    }
    List<Path> before = dataFiles();
    for (int file = 0; file < 3; file++) {
      int[] left = {file};
      TableDelete drop =
          orders
              .dropExpiredRows(Instant.now())
              .orElseThrow()
              .progress(
                  () -> {
                    if (left[0]-- == 0) {
                      throw new IllegalStateException("enough");
                    }
                  });
      assertThatThrownBy(drop::run).hasStackTraceContaining("enough");
      assertThat(ids()).hasSize(6);
      assertThat(dataFiles()).isEqualTo(before);
    }
    assertThat(orders.dropExpiredRows(Instant.now()).orElseThrow().run().deleted()).isEqualTo(3);
    assertThat(ids()).containsExactly(10L, 11L, 12L);
  }

  private List<Path> dataFiles() {
    return TableFiles.present(TableFiles.directory(orders.iceberg()).resolve("data")).stream()
        .sorted()
        .toList();
  }

  @Test
  void positionDeletesOfAnUpgradedTableBecomeVectors() {
    create(2, Map.of());
    append(new Row(1, today), new Row(2, today), new Row(3, today), new Row(4, today));
    Table table = orders.iceberg();
    FileScanTask task = table.newScan().planFiles().iterator().next();
    deleteRows(table, task.file(), 1);
    assertThat(lake.maintenance().runOnce()).isEmpty();

    table.updateProperties().set("format-version", "3").commit();
    assertThat(findings()).contains("position-deletes");
    assertThat(runOnce()).containsExactly("convert-position-deletes");

    table.refresh();
    assertThat(table.newScan().planFiles().iterator().next().deletes())
        .extracting(file -> file.format())
        .containsExactly(FileFormat.PUFFIN);
    assertThat(ids()).containsExactly(1L, 3L, 4L);
    assertThat(findings()).doesNotContain("position-deletes");
    assertThat(lake.maintenance().runOnce()).isEmpty();
  }

  @Test
  void danglingDeletesAreRemoved() {
    orders =
        lake.createTable(
            ORDERS,
            SCHEMA,
            t ->
                t.formatVersion(2)
                    .partitionBy(Terms.parse("day"))
                    .property(MaintenancePolicy.SWEEP_INTERVAL, "0s")
                    .property(MaintenancePolicy.SHARE, "1"));
    // Of another partition, and so old that the delete file is not forgotten by itself.
    append(new Row(1, today));
    append(new Row(2, null), new Row(3, null));
    Table table = orders.iceberg();
    DataFile first = ofNoDay(table);
    deleteRows(table, first, 0);
    append(new Row(4, null));
    table.newDelete().deleteFile(first).commit();
    assertThat(findings()).contains("dangling-deletes");

    assertThat(runOnce()).containsExactly("remove-dangling-deletes");

    assertThat(findings()).doesNotContain("dangling-deletes");
    assertThat(ids()).containsExactly(1L, 4L);
    assertThat(lake.maintenance().runOnce()).isEmpty();
  }

  private static DataFile ofNoDay(Table table) {
    table.refresh();
    for (FileScanTask task : table.newScan().planFiles()) {
      if (task.file().partition().get(0, Object.class) == null) {
        return task.file();
      }
    }
    throw new AssertionError("no such file");
  }

  @Test
  void nothingIsAskedOfTheStoreWhereNothingIsWorthIt() throws Exception {
    create(
        3,
        Map.of(
            MaintenancePolicy.STATISTICS,
            "true",
            MaintenancePolicy.STATISTICS_INTERVAL,
            "0s",
            MaintenancePolicy.RETENTION_INTERVAL,
            "1s",
            Retention.COLUMN,
            "day",
            Retention.AGE,
            "30d"));
    append(new Row(1, today), new Row(2, today.minusDays(50)), new Row(3, null), new Row(4, today));
    try (MaintenanceService service = lake.maintenance().interval(Duration.ofMillis(50)).start()) {
      until("old rows are gone", () -> ids().equals(List.of(1L, 3L, 4L)));
      // The file's bounds still tell of the row that was deleted: it is looked for, less and less.
      until("quiet", () -> looksInVain(service));
      assertThat(service.metrics().failed()).isZero();
    }
  }

  private boolean looksInVain(MaintenanceService service) {
    long requests = requests();
    long looks = service.metrics().looks();
    try {
      until("more looks", () -> service.metrics().looks() > looks + 5);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return requests() == requests;
  }

  private long requests() {
    return store.count(FileOperation.OPEN)
        + store.count(FileOperation.CREATE)
        + store.count(FileOperation.DELETE)
        + store.count(FileOperation.LIST);
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

  @Test
  void statisticsAreGivenUpMidwayWhereTheServiceIsClosed() throws Exception {
    create(3, Map.of(MaintenancePolicy.STATISTICS, "true"));
    append(new Row(1, today));
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch closing = new CountDownLatch(1);
    store.add(
        // It waits, and fails nothing.
        Fault.before(FileOperation.OPEN, 1)
            .at(
                location -> {
                  if (location.endsWith(".parquet")) {
                    reading.countDown();
                    await(closing);
                  }
                  return false;
                }));
    MaintenanceService service = lake.maintenance().interval(Duration.ofMillis(50)).start();
    assertThat(reading.await(60, TimeUnit.SECONDS)).isTrue();
    Thread closer = new Thread(service::close, "closer");
    closer.start();
    until("the service is closing", () -> closer.getState() == Thread.State.TIMED_WAITING);
    closing.countDown();
    closer.join(TimeUnit.SECONDS.toMillis(60));

    assertThat(closer.isAlive()).isFalse();
    assertThat(service.metrics().abandoned()).isEqualTo(1);
    assertThat(orders.iceberg().statisticsFiles()).isEmpty();
    assertThat(lake.maintenance().history(1).get(0).detail())
        .isEqualTo("{\"reason\":\"the service stops, or is paused\"}");
    // What was given up is no reason to wait.
    assertThat(runOnce()).containsExactly("compute-statistics");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
