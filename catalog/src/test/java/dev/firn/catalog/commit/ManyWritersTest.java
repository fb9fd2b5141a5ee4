package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many writers of all kinds, and another process among them: nothing lost, nothing twice. */
class ManyWritersTest {
  private static final int APPENDERS = 12;
  private static final int APPENDS = 30;

  @TempDir Path directory;

  private final Set<String> expected = ConcurrentHashMap.newKeySet();
  private CommitLake lake;
  private ExecutorService threads;

  @BeforeEach
  void open() {
    lake = new CommitLake(directory);
    threads = Executors.newCachedThreadPool();
  }

  @AfterEach
  void close() {
    threads.shutdown();
    lake.close();
  }

  @Test
  void everyAcknowledgedChangeIsThereOnce() throws Exception {
    lake.create(
        2,
        "commit.retry.num-retries",
        "50",
        "commit.retry.min-wait-ms",
        "1",
        "commit.retry.max-wait-ms",
        "20");
    List<Callable<Void>> work = new ArrayList<>();
    for (int w = 0; w < APPENDERS; w++) {
      String writer = "w" + w;
      work.add(() -> append(writer));
    }
    work.add(() -> replace("r0"));
    work.add(() -> replace("r1"));
    work.add(this::setProperties);
    work.add(this::addColumns);
    work.add(this::appendFromAnotherProcess);
    List<Future<Void>> all = new ArrayList<>();
    work.forEach(each -> all.add(threads.submit(each)));
    for (Future<Void> each : all) {
      each.get();
    }

    List<String> visible = lake.visible();
    assertThat(visible).doesNotHaveDuplicates();
    assertThat(new HashSet<>(visible)).isEqualTo(expected);
    Table table = lake.table();
    assertThat(table.schema().columns()).hasSize(2 + 4);
    assertThat(table.properties()).containsKeys("p0", "p9");
    assertLineage(table);
  }

  /** Its own commits take effect in its order. */
  private Void append(String writer) {
    long before = 0;
    for (int i = 0; i < APPENDS; i++) {
      String name = writer + "-" + i;
      CommitReceipt receipt = lake.commit(CommitLake.append(lake.file(writer, name)));
      assertThat(receipt.sequenceNumber()).isGreaterThan(before);
      before = receipt.sequenceNumber();
      expected.add(name);
    }
    return null;
  }

  private Void replace(String writer) {
    DataFile last = lake.file(writer, writer + "-first");
    long base = lake.commit(CommitLake.append(last)).snapshotId();
    for (int i = 0; i < 10; i++) {
      DataFile next = lake.file(writer, writer + "-" + i);
      base = lake.commit(CommitLake.replace(last, next, base)).snapshotId();
      last = next;
    }
    expected.add(CommitLake.name(last));
    return null;
  }

  private Void setProperties() {
    Table table = lake.table();
    for (int i = 0; i < 10; i++) {
      table.updateProperties().set("p" + i, "v").commit();
    }
    return null;
  }

  private Void addColumns() {
    for (int i = 0; i < 4; i++) {
      lake.table().updateSchema().addColumn("c" + i, Types.StringType.get()).commit();
    }
    return null;
  }

  private Void appendFromAnotherProcess() {
    Table foreign = lake.foreign().loadTable(CommitLake.ORDERS);
    for (int i = 0; i < 5; i++) {
      String name = "foreign-" + i;
      foreign.newFastAppend().appendFile(lake.file("f", name)).commit();
      expected.add(name);
    }
    return null;
  }

  @Test
  void twoProcessesWithLanesLoseNothing() throws Exception {
    lake.create(3);
    try (CommitLake second = lake.second()) {
      List<Future<?>> all = new ArrayList<>();
      for (int w = 0; w < 8; w++) {
        CommitLake own = w % 2 == 0 ? lake : second;
        String writer = "w" + w;
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 15; i++) {
                    String name = writer + "-" + i;
                    own.commit(CommitLake.append(own.file(writer, name)));
                    expected.add(name);
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    assertThat(new HashSet<>(lake.visible())).isEqualTo(expected).hasSize(120);
    assertLineage(lake.table());
    assertRowIdsAreApart();
  }

  /** Whoever came first is committed first: so nobody waits for more than those before it. */
  @Test
  void noWriterStarves() throws Exception {
    lake.create(2);
    int writers = 8;
    List<CompletableFuture<CommitReceipt>> inOrder = new ArrayList<>();
    List<Future<?>> all = new ArrayList<>();
    for (int w = 0; w < writers; w++) {
      all.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 40; i++) {
                  CompletableFuture<CommitReceipt> commit;
                  synchronized (inOrder) {
                    commit = lake.submit(CommitLake.append(Map.of(), lake.file("a")));
                    inOrder.add(commit);
                  }
                  Futures.await(commit);
                }
              }));
    }
    for (Future<?> each : all) {
      each.get();
    }

    assertThat(inOrder).hasSize(writers * 40);
    assertThat(inOrder.stream().map(Futures::await))
        .isSortedAccordingTo(
            Comparator.comparingLong(CommitReceipt::sequenceNumber)
                .thenComparing(CommitReceipt::position));
  }

  private void assertRowIdsAreApart() {
    Set<Long> first = new HashSet<>();
    lake.table()
        .newScan()
        .planFiles()
        .forEach(task -> assertThat(first.add(task.file().firstRowId())).isTrue());
  }

  /** One history: each snapshot follows the one before it. */
  private static void assertLineage(Table table) {
    Snapshot before = null;
    for (Snapshot snapshot : CommitLake.snapshots(table)) {
      if (before != null) {
        assertThat(snapshot.parentId()).isEqualTo(before.snapshotId());
        assertThat(snapshot.sequenceNumber()).isEqualTo(before.sequenceNumber() + 1);
      }
      before = snapshot;
    }
  }
}
