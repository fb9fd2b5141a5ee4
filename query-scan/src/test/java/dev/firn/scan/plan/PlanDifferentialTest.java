package dev.firn.scan.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.DirectExecutor;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.SnapshotUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Random tables, of every format version, codec, spec and kind of delete: what we plan is what
 * Iceberg's {@code planFiles} gives, in every word of every task.
 */
class PlanDifferentialTest {
  private static final List<String> CODECS = List.of("gzip", "zstd", "snappy", "uncompressed");

  private final TableFixture fixture = TableFixture.open();
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private final Set<String> vectors = new HashSet<>();
  private Random random = new Random(0);
  private PlanFixtures files = new PlanFixtures(random);
  private Table table;
  private int version;
  private int names;

  @AfterEach
  void close() {
    threads.shutdownNow();
    fixture.close();
  }

  @RepeatedTest(12)
  void plansWhatIcebergPlans(RepetitionInfo repetition) throws IOException {
    long seed = Long.getLong("firn.plan.seed", 0) + repetition.getCurrentRepetition();
    System.out.println("PlanDifferentialTest -Dfirn.plan.seed=" + (seed - 1));
    random = new Random(seed);
    files = new PlanFixtures(random);
    version = 1 + random.nextInt(3);
    table = fixture.create(PlanFixtures.SCHEMA, spec(), version);
    table
        .updateProperties()
        .set(TableProperties.MANIFEST_COMPRESSION, CODECS.get(random.nextInt(4)))
        .set(TableProperties.MANIFEST_MIN_MERGE_COUNT, "3")
        .commit();
    ManifestIndex index = ManifestIndex.ofBytes(random.nextInt(3) == 0 ? 20_000 : 50_000_000);
    for (int step = 0; step < 10; step++) {
      step();
      compare(index, "seed " + seed + " step " + step);
    }
  }

  private PartitionSpec spec() {
    PartitionSpec.Builder spec = PartitionSpec.builderFor(PlanFixtures.SCHEMA);
    return switch (random.nextInt(7)) {
      case 0 -> spec.build();
      case 1 -> spec.identity("s").build();
      case 2 -> spec.bucket("id", 4).day("ts").build();
      case 3 -> spec.truncate("s", 1).identity("i").build();
      case 4 -> spec.identity("dec").identity("u").build();
      case 5 -> spec.identity("b").identity("bin").identity("f").build();
      default -> spec.month("day").truncate("i", 4).identity("wide").build();
    };
  }

  private void step() {
    switch (random.nextInt(10)) {
      case 0 -> evolve();
      case 1 -> repartition();
      case 2 -> removeFiles();
      case 3, 4, 5 -> delete();
      case 6 -> upgrade();
      default -> append();
    }
    table.refresh();
  }

  private void append() {
    AppendFiles append = random.nextBoolean() ? table.newAppend() : table.newFastAppend();
    boolean many = random.nextInt(10) == 0;
    for (int n = many ? 300 : 1 + random.nextInt(40); n > 0; n--) {
      append.appendFile(files.dataFile(table, many));
    }
    append.commit();
  }

  private List<DataFile> live() {
    List<DataFile> all = new ArrayList<>();
    table.newScan().planFiles().forEach(task -> all.add(task.file()));
    return all;
  }

  private void removeFiles() {
    List<DataFile> live = live();
    if (!live.isEmpty()) {
      var overwrite = table.newOverwrite();
      for (int n = 1 + random.nextInt(5); n > 0; n--) {
        overwrite.deleteFile(live.get(random.nextInt(live.size())));
      }
      overwrite.addFile(files.dataFile(table, false)).commit();
    }
  }

  private void delete() {
    List<DataFile> live = live();
    if (version == 1 || live.isEmpty()) {
      append();
      return;
    }
    RowDelta delta = table.newRowDelta();
    for (int n = 1 + random.nextInt(12); n > 0; n--) {
      DataFile data = live.get(random.nextInt(live.size()));
      if (random.nextInt(3) == 0) {
        delta.addDeletes(files.equalityDelete(table));
      } else if (version == 2) {
        delta.addDeletes(files.positionDelete(table, data));
      } else if (vectors.add(data.location())) {
        delta.addDeletes(files.vector(table, data));
      }
    }
    if (random.nextBoolean()) {
      delta.addRows(files.dataFile(table, false));
    }
    delta.commit();
  }

  private void upgrade() {
    if (version < 3) {
      version++;
      table.updateProperties().set("format-version", Integer.toString(version)).commit();
    } else if (table.currentSnapshot() != null) {
      table.rewriteManifests().clusterBy(DataFile::recordCount).commit();
    }
  }

  private void evolve() {
    Set<Integer> sources = new HashSet<>();
    table.specs().values().forEach(s -> s.fields().forEach(f -> sources.add(f.sourceId())));
    switch (random.nextInt(4)) {
      case 0 -> table.updateSchema().addColumn("n" + names++, Types.IntegerType.get()).commit();
      case 1 -> {
        NestedField any =
            table.schema().columns().get(random.nextInt(table.schema().columns().size()));
        table.updateSchema().renameColumn(any.name(), "n" + names++).commit();
      }
      case 2 ->
          table.schema().columns().stream()
              .filter(f -> f.fieldId() != 1 && !sources.contains(f.fieldId()))
              .skip(random.nextInt(3))
              .findFirst()
              .ifPresent(f -> table.updateSchema().deleteColumn(f.name()).commit());
      default ->
          table.schema().columns().stream()
              .filter(f -> promoted(f.type()) != null)
              .findFirst()
              .ifPresent(
                  f -> table.updateSchema().updateColumn(f.name(), promoted(f.type())).commit());
    }
  }

  private static Type.PrimitiveType promoted(Type type) {
    return switch (type.typeId()) {
      case INTEGER -> Types.LongType.get();
      case FLOAT -> Types.DoubleType.get();
      case DECIMAL ->
          ((Types.DecimalType) type).precision() < 20
              ? Types.DecimalType.of(20, ((Types.DecimalType) type).scale())
              : null;
      default -> null;
    };
  }

  private void repartition() {
    if (table.spec().isPartitioned() && random.nextBoolean()) {
      table.updateSpec().removeField(table.spec().fields().get(0).name()).commit();
    } else {
      table
          .updateSpec()
          .addField("p" + names++, Expressions.bucket(table.schema().findColumnName(1), 5 + names))
          .commit();
    }
  }

  private void compare(ManifestIndex index, String when) throws IOException {
    List<Snapshot> snapshots = new ArrayList<>();
    table.snapshots().forEach(snapshots::add);
    for (int i = 0; i < 6 && !snapshots.isEmpty(); i++) {
      boolean past = i > 4;
      Snapshot snapshot =
          past ? snapshots.get(random.nextInt(snapshots.size())) : table.currentSnapshot();
      boolean current = snapshot.snapshotId() == table.currentSnapshot().snapshotId();
      Schema schema =
          current ? table.schema() : SnapshotUtil.schemaFor(table, snapshot.snapshotId());
      Expression filter =
          i == 0 ? Expressions.alwaysTrue() : new PlanFilters(random, files).of(schema, 2);
      boolean statistics = random.nextBoolean();
      TableScan scan = table.newScan().useSnapshot(snapshot.snapshotId()).filter(filter);
      Map<String, Object> expected =
          PlanFixtures.described(
              statistics ? scan.includeColumnStats().planFiles() : scan.planFiles());
      PlanRequest request = PlanRequest.of(table, snapshot, filter, statistics);
      TablePlanner planner =
          random.nextBoolean()
              ? new TablePlanner(index, threads, 2)
              : new TablePlanner(index, DirectExecutor.INSTANCE, 0);
      try (CloseableIterable<FileScanTask> tasks =
          planner.plan(current ? request : request.in(schema))) {
        Map<String, Object> actual = PlanFixtures.described(tasks);
        String what = "%s: version %s, where %s".formatted(when, version, filter);
        assertThat(actual.keySet()).as(what).isEqualTo(expected.keySet());
        expected.forEach(
            (file, task) -> assertThat(actual.get(file)).as("%s: %s", what, file).isEqualTo(task));
      }
    }
  }
}
