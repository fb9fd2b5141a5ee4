package dev.firn.compaction.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.format.write.FileRegistrar;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever others do between the reading of a group and its commit, no row is lost or comes back.
 */
class RewriteCommitPropertyTest {
  private static final long SEED = Long.getLong("firn.rebase.seed", 7L);
  private static final int RUNS = Integer.getInteger("firn.rebase.runs", 16);

  private final TableFixture fixture = TableFixture.open();
  @TempDir private Path directory;

  @AfterEach
  void close() {
    fixture.close();
  }

  /** What a reader sees of a row. */
  private record Seen(Object id, Object name, Object part, Object rowId, Object sequence) {}

  static IntStream seeds() {
    return IntStream.range(0, RUNS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aRewriteThatIsDoneIsCommittedAndChangesNoRow(int run) throws IOException {
    Random random = new Random(SEED * 1_000_003 + run);
    int version = 2 + random.nextInt(2);
    Table table = table(version, random, run);
    Table others = reload(table);
    OtherWriters writers = new OtherWriters(others, random);
    for (int i = 0; i < 4; i++) {
      writers.appendRows(4 + random.nextInt(5));
    }
    evolve(others, random);
    for (int i = 0; i < 4; i++) {
      writers.act();
    }
    table.refresh();
    List<FileScanTask> sources =
        writers.tasks().stream().filter(task -> random.nextInt(4) > 0).toList();
    if (sources.isEmpty()) {
      return;
    }
    String story = "seed %d, run %d, version %d: ".formatted(SEED, run, version);
    int rounds = 1 + random.nextInt(4);
    AtomicInteger round = new AtomicInteger();
    List<Map<Object, Seen>> before = new ArrayList<>();
    before.add(Map.of());
    try (BufferAllocator memory = new RootAllocator(64 << 20)) {
      RewriteCommit commit =
          RewriteCommit.of(table, table.currentSnapshot(), memory, FileRegistrar.NONE)
              .beforeRound(
                  () -> {
                    writers.done().add("|");
                    if (round.getAndIncrement() < rounds) {
                      IntStream.rangeClosed(0, random.nextInt(3)).forEach(i -> writers.act());
                    }
                    before.set(0, rows(others, version));
                  });
      Rewritten rewritten = RewriteForTest.of(table, sources, 1 + random.nextInt(3), random);
      IntStream.range(0, random.nextInt(3)).forEach(i -> writers.act());
      before.set(0, rows(others, version));

      RewriteCommit.Committed committed = commit.commit(List.of(rewritten));

      story += writers.done() + " " + committed;
      assertThat(((RewriteForTest) rewritten.rows()).isClosed()).isTrue();
    }
    assertThat(rows(others, version)).as(story).isEqualTo(before.get(0));
    assertThat(generic(others)).as(story).isEqualTo(writers.model());
    // It stays so under what others do next.
    writers.act();
    assertThat(generic(others)).as(story).isEqualTo(writers.model());
  }

  private Table table(int version, Random random, int run) {
    PartitionSpec spec =
        random.nextBoolean()
            ? PartitionSpec.unpartitioned()
            : PartitionSpec.builderFor(OtherWriters.SCHEMA).identity("part").build();
    return run % 5 == 0
        ? new HadoopTables(new Configuration())
            .create(
                OtherWriters.SCHEMA,
                spec,
                SortOrder.unsorted(),
                Map.of("format-version", Integer.toString(version)),
                directory.resolve("t" + run).toString())
        : fixture.create(OtherWriters.SCHEMA, spec, version);
  }

  private Table reload(Table table) {
    return table.location().startsWith(directory.toString())
        ? new HadoopTables(new Configuration()).load(table.location())
        : fixture.reload(table);
  }

  /** Files of several specs, at times. */
  private static void evolve(Table table, Random random) {
    table.refresh();
    if (random.nextInt(3) == 0) {
      if (table.spec().isUnpartitioned()) {
        table.updateSpec().addField("part").commit();
      } else {
        table.updateSpec().removeField("part").commit();
      }
    }
  }

  private static Map<Long, String> generic(Table table) throws IOException {
    table.refresh();
    Map<Long, String> rows = new TreeMap<>();
    try (CloseableIterable<Record> all = IcebergGenerics.read(table).build()) {
      for (Record row : all) {
        assertThat(rows.put((Long) row.get(0), (String) row.get(1)))
            .as("row %s twice", row)
            .isNull();
      }
    }
    return rows;
  }

  private static Map<Object, Seen> rows(Table table, int version) {
    table.refresh();
    List<String> columns = new ArrayList<>(List.of("id", "name", "part"));
    if (version > 2) {
      columns.addAll(List.of("_row_id", "_last_updated_sequence_number"));
    }
    ScanRequest request =
        new ScanRequest(
            new SnapshotSelector.Current(),
            columns,
            Expressions.alwaysTrue(),
            ScanRequest.NO_LIMIT);
    Map<Object, Seen> rows = new TreeMap<>();
    try (BufferAllocator allocator = new RootAllocator(64 << 20);
        CloseableIterable<Record> cursor = new TableScanner(table).read(request, allocator)) {
      for (Record row : cursor) {
        Object rowId = version > 2 ? row.get(3) : "";
        Object sequence = version > 2 ? row.get(4) : "";
        Seen seen = new Seen(row.get(0), row.get(1), row.get(2), rowId, sequence);
        assertThat(rows.put(seen.id(), seen)).as("%s twice", seen).isNull();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return rows;
  }
}
