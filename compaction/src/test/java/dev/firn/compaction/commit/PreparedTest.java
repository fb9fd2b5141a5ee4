package dev.firn.compaction.commit;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.ForwardingOperations;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commits whose data manifests were written beforehand, and then something came. */
class PreparedTest {
  private final TableFixture fixture = TableFixture.open();
  private final BufferAllocator memory = new RootAllocator(64 << 20);

  @AfterEach
  void close() {
    memory.close();
    fixture.close();
  }

  /** Runs what waits before a refresh, one at each. */
  private static final class Between extends ForwardingOperations {
    private final Deque<Runnable> waiting;

    Between(TableOperations operations, Deque<Runnable> waiting) {
      super(operations);
      this.waiting = waiting;
    }

    @Override
    public TableMetadata refresh() {
      Runnable next = waiting.poll();
      if (next != null) {
        next.run();
      }
      return super.refresh();
    }
  }

  private static List<DataFile> appendIds(Table table, long... ids) {
    List<Record> rows = new ArrayList<>();
    for (long id : ids) {
      rows.add(row(OtherWriters.SCHEMA, id, "n" + id, 0));
    }
    return append(table, rows.toArray(Record[]::new));
  }

  /** What came before the last look, when the manifests of the data were written. */
  enum Came {
    NOTHING,
    A_DELETE,
    A_DELETE_IN_PLACE_OF_ONE,
    AN_APPEND,
    A_SOURCE_WENT
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void whateverComesAfterTheDataIsPreparedIsCarriedOver(int version) throws IOException {
    for (Came came : Came.values()) {
      check(version, came);
    }
  }

  private void check(int version, Came came) throws IOException {
    Table table = fixture.create(OtherWriters.SCHEMA, version);
    DataFile first = appendIds(table, 1, 2, 3).get(0);
    DataFile second = appendIds(table, 4, 5, 6).get(0);
    Table other = fixture.reload(table);
    Deque<Runnable> waiting = new ArrayDeque<>();
    TableOperations operations = ((HasTableOperations) fixture.reload(table)).operations();
    Table between = new BaseTable(new Between(operations, waiting), table.name());
    RewriteCommit commit =
        RewriteCommit.of(between, between.currentSnapshot(), memory, FileRegistrar.NONE);
    List<FileScanTask> tasks = new ArrayList<>();
    between.newScan().planFiles().forEach(tasks::add);
    Rewritten rewritten = RewriteForTest.of(between, tasks, 2, new Random(7));
    waiting.add(() -> deleteRows(other, first, 0));
    waiting.add(() -> comes(other, came, first, second));

    RewriteCommit.Committed committed = commit.commit(List.of(rewritten));

    assertThat(waiting).isEmpty();
    assertThat(committed.conflicts()).as("rounds lost, %s", came).isZero();
    assertThat(ids(table)).as("rows, %s", came).isEqualTo(expected(came));
    assertThat(table.currentSnapshot().operation()).isEqualTo(DataOperations.REPLACE);
    assertThat(avro(table)).as("manifests, %s", came).isEqualTo(reachable(table));
  }

  private static void comes(Table table, Came came, DataFile first, DataFile second) {
    switch (came) {
      case NOTHING -> {}
      case A_DELETE -> deleteRows(table, second, 1);
      case A_DELETE_IN_PLACE_OF_ONE -> deleteRows(table, first, 1);
      case AN_APPEND -> appendIds(table, 7);
      case A_SOURCE_WENT -> table.newDelete().deleteFile(second).commit();
    }
  }

  private static Set<Long> expected(Came came) {
    return new TreeSet<>(
        switch (came) {
          case NOTHING -> List.of(2L, 3L, 4L, 5L, 6L);
          case A_DELETE -> List.of(2L, 3L, 4L, 6L);
          case A_DELETE_IN_PLACE_OF_ONE -> List.of(3L, 4L, 5L, 6L);
          case AN_APPEND -> List.of(2L, 3L, 4L, 5L, 6L, 7L);
          case A_SOURCE_WENT -> List.of(2L, 3L);
        });
  }

  private static Set<Long> ids(Table table) throws IOException {
    table.refresh();
    Set<Long> ids = new TreeSet<>();
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
      rows.forEach(row -> assertThat(ids.add((Long) row.get(0))).isTrue());
    }
    return ids;
  }

  /** Manifests and their lists, in the store. */
  private static Set<String> avro(Table table) {
    Set<String> files = new TreeSet<>(TableFixture.files(table, "metadata"));
    files.removeIf(file -> !file.endsWith(".avro"));
    return files;
  }

  private static Set<String> reachable(Table table) {
    Set<String> files = new TreeSet<>();
    for (Snapshot snapshot : table.snapshots()) {
      files.add(snapshot.manifestListLocation());
      snapshot.allManifests(table.io()).forEach(manifest -> files.add(manifest.path()));
    }
    return files;
  }
}
