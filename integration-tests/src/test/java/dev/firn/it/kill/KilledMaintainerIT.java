package dev.firn.it.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.catalog.intent.Sweep;
import dev.firn.compaction.policy.MaintenancePolicy;
import dev.firn.maintenance.Maintenance;
import dev.firn.maintenance.MaintenanceService;
import dev.firn.maintenance.PerformedWork;
import dev.firn.testing.ChildJvm;
import dev.firn.testing.PostgresServer;
import dev.firn.testing.TableFiles;
import dev.firn.testing.TestServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two processes maintain one catalog, and the one that has the table is killed in the midst of a
 * compaction: the other does it once the lease is over, once, and no row is lost.
 */
@ExtendWith(TestServers.class)
class KilledMaintainerIT {
  private static final String TABLE = "kill.kept";
  private static final int FILES = 8;
  private static final int ROWS = 10_000;

  /** Longer than the test: it is ended. */
  private static final Duration LEASE = Duration.ofHours(1);

  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.IntegerType.get()),
          Types.NestedField.required(2, "name", Types.StringType.get()));

  record Row(int id, String name) {}

  @TempDir Path directory;

  @Test
  void sqlite() throws Exception {
    kill("jdbc:sqlite:" + directory.resolve("catalog.db"));
  }

  @Test
  void postgresql(PostgresServer server) throws Exception {
    kill(server.newDatabase());
  }

  private void kill(String catalog) throws Exception {
    String warehouse = directory.resolve("lake").toString();
    try (Lakehouse lake = Lakehouse.open(Map.of("warehouse", warehouse, "catalog", catalog));
        ChildJvm process =
            ChildJvm.start(
                MaintainingProcess.class,
                directory.resolve("errors"),
                List.of(warehouse, catalog, Long.toString(LEASE.toMillis())))) {
      LakeTable table = create(lake);
      assertThat(process.line()).isEqualTo("ready");
      process.go();
      assertThat(process.line()).isEqualTo("working");
      Maintenance own = lake.maintenance().interval(Duration.ofMillis(50)).lease(LEASE);
      try (MaintenanceService service = own.start()) {
        until("this process looks, too", () -> service.metrics().looks() > 2);
        assertThat(own.history(10)).as("work that ended while the other has the table").isEmpty();
        assertThat(process.kill()).isEmpty();
        long looks = service.metrics().looks();
        until("it looks again while the lease lasts", () -> service.metrics().looks() > looks + 2);
        assertThat(own.history(10)).isEmpty();
        assertThat(replacements(table)).as("killed in the midst").isZero();
        execute(catalog, "UPDATE firn_maintenance SET lease_until = 0");
        until("the table is taken over", () -> replacements(table) == 1);
        until("nothing is due", () -> own.plan().isEmpty() && service.metrics().done() == 2);
        assertThat(service.metrics().failed()).isZero();
      }
      assertThat(own.history(10))
          .extracting(PerformedWork::kind)
          .containsExactlyInAnyOrder("compact-recent", "sweep");
      sweep(lake, catalog);
      check(lake, table);
      Set<Path> present = TableFiles.present(TableFiles.directory(table.iceberg()));
      present.removeAll(TableFiles.needed(table.iceberg()));
      assertThat(present)
          .as("what the killed process left")
          .noneMatch(file -> file.toString().contains(".parquet"));
    }
  }

  /** Sorted, so that its files are decoded and encoded anew. */
  private static LakeTable create(Lakehouse lake) {
    LakeTable table =
        lake.createTable(
            TABLE,
            SCHEMA,
            t ->
                t.sortBy("name", "id")
                    .property(MaintenancePolicy.MIN_FILES, Integer.toString(FILES)));
    for (int file = 0; file < FILES; file++) {
      try (TableWriter writer = table.append()) {
        for (int i = 0; i < ROWS; i++) {
          int id = i * FILES + file;
          writer.write(new Row(id, "a name that is " + id % 1_009));
        }
        writer.commit();
      }
    }
    return table;
  }

  private static long replacements(LakeTable table) {
    Iterable<Snapshot> snapshots = table.iceberg().snapshots();
    return StreamSupport.stream(snapshots.spliterator(), false)
        .filter(each -> each.operation().equals(DataOperations.REPLACE))
        .count();
  }

  private static void check(Lakehouse lake, LakeTable table) {
    BitSet ids = new BitSet();
    int[] rows = new int[1];
    try (var cursor = table.scan().select("id").open()) {
      cursor.forEach(
          row -> {
            ids.set((Integer) row.get(0));
            rows[0]++;
          });
    }
    assertThat(rows[0]).isEqualTo(FILES * ROWS);
    assertThat(ids.cardinality()).isEqualTo(FILES * ROWS);
    assertThat(lake.table(TABLE).verify().deep().run().findings()).isEmpty();
  }

  /** Sweeps what the killed process left, as if its lease on its files had run out. */
  private static void sweep(Lakehouse lake, String catalog) throws SQLException {
    execute(catalog, "UPDATE firn_sessions SET lease_until = 0");
    for (int step = 0; step < 2; step++) {
      Sweep sweep = lake.sweep().grace(Duration.ZERO).deleteAfter(Duration.ZERO);
      assertThat(sweep.run().failures()).isEmpty();
    }
  }

  private static void execute(String catalog, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(catalog);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Polls, with a bound that a loaded machine does not reach. */
  private static void until(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    CountDownLatch never = new CountDownLatch(1);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      assertThat(never.await(10, TimeUnit.MILLISECONDS)).isFalse();
    }
  }
}
