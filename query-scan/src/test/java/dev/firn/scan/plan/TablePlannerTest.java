package dev.firn.scan.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.DirectExecutor;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.util.TableScanUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Planned files in Iceberg's own operations, damage, and many readers of one small index. */
class TablePlannerTest {
  private final TableFixture fixture = TableFixture.open();
  private final PlanFixtures files = new PlanFixtures(new Random(5));

  @AfterEach
  void close() {
    fixture.close();
  }

  private Table table(int version, int appends) {
    PartitionSpec spec = PartitionSpec.builderFor(PlanFixtures.SCHEMA).identity("s").build();
    Table table = fixture.create(PlanFixtures.SCHEMA, spec, version);
    for (int i = 0; i < appends; i++) {
      var append = table.newFastAppend();
      for (int file = 0; file < 20; file++) {
        append.appendFile(files.dataFile(table, true));
      }
      append.commit();
    }
    return table;
  }

  private static List<FileScanTask> plan(Table table, ManifestIndex index, Expression filter)
      throws IOException {
    List<FileScanTask> tasks = new ArrayList<>();
    PlanRequest request = PlanRequest.of(table, table.currentSnapshot(), filter, true);
    try (CloseableIterable<FileScanTask> plan =
        new TablePlanner(index, DirectExecutor.INSTANCE, 0).plan(request)) {
      plan.forEach(tasks::add);
    }
    return tasks;
  }

  private static Map<String, Object> described(Table table) {
    return PlanFixtures.described(table.newScan().includeColumnStats().planFiles());
  }

  @Test
  void icebergsOperationsTakePlannedFiles() throws IOException {
    for (int version = 1; version <= 3; version++) {
      Table table = table(version, 2);
      ManifestIndex index = ManifestIndex.ofBytes(10_000_000);
      List<FileScanTask> tasks = plan(table, index, Expressions.alwaysTrue());
      DataFile replaced = tasks.get(0).file();
      DataFile removed = tasks.get(1).file().copy();
      DataFile added =
          DataFiles.builder(table.specs().get(replaced.specId()))
              .copy(replaced)
              .withPath(replaced.location() + ".new")
              .build();
      table.newRewrite().deleteFile(replaced).addFile(added).commit();
      table.newDelete().deleteFile(removed).commit();
      assertThat(PlanFixtures.described(plan(table, index, Expressions.alwaysTrue())))
          .doesNotContainKeys(replaced.location(), removed.location())
          .containsKey(added.location())
          .isEqualTo(described(table));

      Table copy = fixture.create(PlanFixtures.SCHEMA, table.spec(), version);
      var append = copy.newAppend();
      plan(table, index, Expressions.alwaysTrue()).forEach(task -> append.appendFile(task.file()));
      append.commit();
      assertThat(described(copy).keySet()).isEqualTo(described(table).keySet());
      assertThat(PlanFixtures.described(plan(copy, index, Expressions.alwaysTrue())))
          .isEqualTo(described(copy));
    }
  }

  @Test
  void splitsAreThoseOfIceberg() throws IOException {
    Table table = table(2, 2);
    List<FileScanTask> tasks =
        plan(table, ManifestIndex.ofBytes(0), Expressions.alwaysTrue()).stream()
            .sorted(Comparator.comparing(task -> task.file().location()))
            .toList();
    List<FileScanTask> icebergs = new ArrayList<>();
    table.newScan().planFiles().forEach(icebergs::add);
    icebergs.sort(Comparator.comparing(task -> task.file().location()));

    List<List<String>> groups =
        TaskGroups.of(tasks, 30_000, 10, 4_000).stream().map(TablePlannerTest::parts).toList();
    List<List<String>> expected = new ArrayList<>();
    TableScanUtil.planTasks(
            TableScanUtil.splitFiles(CloseableIterable.withNoopClose(icebergs), 30_000),
            30_000,
            10,
            4_000)
        .forEach(group -> expected.add(parts(List.copyOf(group.files()))));
    assertThat(groups).isEqualTo(expected).hasSizeGreaterThan(tasks.size() / 2);
  }

  private static List<String> parts(List<FileScanTask> group) {
    return group.stream()
        .map(task -> task.file().location() + " " + task.start() + " " + task.length())
        .toList();
  }

  @Test
  void damagedManifestIsCorruptAndNamed() throws IOException {
    Table table = table(2, 1);
    ManifestFile manifest = table.currentSnapshot().dataManifests(table.io()).get(0);
    byte[] whole;
    try (SeekableInputStream in = table.io().newInputFile(manifest.path()).newStream()) {
      whole = in.readAllBytes();
    }
    for (int length : new int[] {0, 3, 40, whole.length / 2, whole.length - 1}) {
      try (PositionOutputStream out =
          table.io().newOutputFile(manifest.path()).createOrOverwrite()) {
        out.write(whole, 0, length);
      }
      assertThatThrownBy(() -> plan(table, ManifestIndex.ofBytes(0), Expressions.alwaysTrue()))
          .as("%s bytes of %s", length, whole.length)
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
          .hasMessageContaining(manifest.path())
          .hasMessageContaining(table.name());
    }
  }

  @Test
  void manyReadersOfASmallIndexAllSeeTheWholeTable() throws Exception {
    Table table = table(2, 12);
    Map<String, Object> expected = described(table);
    ManifestIndex index = ManifestIndex.ofBytes(30_000);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Map<String, Object>>> plans = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        plans.add(
            threads.submit(
                () -> PlanFixtures.described(plan(table, index, Expressions.alwaysTrue()))));
      }
      for (Future<Map<String, Object>> each : plans) {
        assertThat(each.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(index.weight()).isBetween(1L, 30_000L);
  }
}
