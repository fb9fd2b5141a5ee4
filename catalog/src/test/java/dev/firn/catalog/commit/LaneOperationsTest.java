package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.format.write.CommitTurn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Iceberg's own API commits, beside and between groups. */
class LaneOperationsTest {
  private static final int WRITERS = 16;

  @TempDir Path directory;

  private CommitLake lake;

  @BeforeEach
  void open() {
    lake = new CommitLake(directory);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  @Test
  void changesOfMetadataDoNotConflictWithAppends() {
    lake.create(2);
    Table stale = lake.table();
    stale.refresh();
    lake.commit(CommitLake.append(lake.file("a", "one")));

    stale.updateProperties().set("owner", "ann").commit();
    assertThat(stale.currentSnapshot()).isNotNull();
    Table alsoStale = lake.table();
    alsoStale.refresh();
    lake.commit(CommitLake.append(lake.file("a", "two")));
    alsoStale.updateSchema().addColumn("note", Types.StringType.get()).commit();

    Table table = lake.table();
    assertThat(table.properties()).containsEntry("owner", "ann");
    assertThat(table.schema().findField("note")).isNotNull();
    assertThat(lake.visible()).containsExactly("one", "two");
  }

  @Test
  void contradictingChangesFailTheLaterOne() {
    lake.create(2);
    Table one = lake.table();
    Table two = lake.table();
    one.refresh();
    two.refresh();
    one.updateSchema().addColumn("note", Types.StringType.get()).commit();

    assertThatThrownBy(() -> two.updateSchema().addColumn("other", Types.StringType.get()).commit())
        .isInstanceOf(CommitFailedException.class)
        .hasMessageContaining("Cannot commit to shop.orders: Requirement failed");
    two.refresh();
    two.updateSchema().addColumn("other", Types.StringType.get()).commit();
    assertThat(lake.table().schema().columns()).hasSize(4);
  }

  @Test
  void groupOfChangesIsOneSwap() throws Exception {
    Table table = lake.create(2);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> all = new ArrayList<>();
      lake.together(
          () -> {
            for (int i = 0; i < 8; i++) {
              Table own = lake.table();
              own.refresh();
              String key = "k" + i;
              all.add(threads.submit(() -> own.updateProperties().set(key, "v").commit()));
            }
          });
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdown();
    }
    assertThat(lake.table().properties())
        .containsKeys("k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7");
    assertThat(lake.metadataFiles(table).size()).isLessThanOrEqualTo(8);
  }

  @Test
  void rewriteAndSchemaChangesSucceedWhileOthersAppendAtFullSpeed() throws Exception {
    lake.create(2, "commit.retry.min-wait-ms", "10");
    List<DataFile> sources = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      DataFile file = lake.file("old", "source" + i);
      sources.add(file);
      lake.commit(CommitLake.append(file));
    }
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger appended = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int w = 0; w < WRITERS; w++) {
        writers.add(
            threads.submit(
                () -> {
                  while (!stop.get()) {
                    lake.commit(CommitLake.append(lake.file("new")));
                    appended.incrementAndGet();
                  }
                }));
      }
      for (int i = 0; i < 3; i++) {
        int before = appended.get();
        rewrite(sources.get(2 * i), sources.get(2 * i + 1), "rewritten" + i);
        Table table = lake.table();
        table.updateSchema().addColumn("c" + i, Types.StringType.get()).commit();
        Transaction transaction = table.newTransaction();
        transaction.updateProperties().set("p" + i, "v").commit();
        transaction.newFastAppend().appendFile(lake.file("tx", "tx" + i)).commit();
        transaction.commitTransaction();
        while (appended.get() < before + WRITERS) {
          Thread.onSpinWait();
        }
      }
      stop.set(true);
      for (Future<?> each : writers) {
        each.get();
      }
    } finally {
      stop.set(true);
      threads.shutdown();
    }
    List<String> visible = lake.visible();
    assertThat(visible)
        .hasSize(appended.get() + 6)
        .contains("rewritten0", "rewritten1", "rewritten2", "tx0", "tx1", "tx2");
    assertThat(lake.table().schema().columns()).hasSize(5);
    assertThat(lake.table().properties()).containsKeys("p0", "p1", "p2");
    assertLineage();
  }

  private void rewrite(DataFile one, DataFile two, String name) {
    lake.table()
        .newRewrite()
        .validateFromSnapshot(lake.table().currentSnapshot().snapshotId())
        .deleteFile(one)
        .deleteFile(two)
        .addFile(lake.file("old", name))
        .commit();
  }

  /** Every snapshot's parent is the one before it, and sequence numbers rise. */
  private void assertLineage() {
    Snapshot before = null;
    for (Snapshot snapshot : CommitLake.snapshots(lake.table())) {
      if (before != null) {
        assertThat(snapshot.parentId()).isEqualTo(before.snapshotId());
        assertThat(snapshot.sequenceNumber()).isEqualTo(before.sequenceNumber() + 1);
      }
      before = snapshot;
    }
  }

  @Test
  void laneWaitsForTheLoserAndOnlyForAWhile() {
    lake.create(2);
    TableOperations loser =
        new LaneOperations(CommitLake.ORDERS, lake.commits, new Looks(), Duration.ofHours(1));
    TableMetadata base = loser.current();
    lake.table().updateSchema().addColumn("note", Types.StringType.get()).commit();
    assertThatThrownBy(() -> loser.commit(base, withColumn(base, "a")))
        .isInstanceOf(CommitFailedException.class);

    TableMetadata refreshed = loser.refresh();
    var append = lake.submit(CommitLake.append(lake.file("a", "waits")));
    assertThat(append).isNotDone();
    loser.commit(refreshed, withColumn(refreshed, "b"));
    Futures.await(append);

    // One that refreshes and never comes back holds nobody up for long.
    TableOperations leaver = lake.commits.operations(CommitLake.ORDERS);
    assertThatThrownBy(() -> leaver.commit(base, withColumn(base, "c")))
        .isInstanceOf(CommitFailedException.class);
    leaver.refresh();
    lake.commit(CommitLake.append(lake.file("a", "goes on")));
    assertThat(lake.visible()).containsExactly("goes on", "waits");
    assertThat(lake.table().schema().findField("b")).isNotNull();
  }

  @Test
  void aClaimLetsBegunChangesBeDoneAndKeepsOthersFromBeginningUntilItsCommit() throws Exception {
    lake.create(2);
    Looks looks = new Looks(() -> 0);
    LaneOperations claimer =
        new LaneOperations(CommitLake.ORDERS, lake.commits, looks, Duration.ZERO);
    Table table =
        new BaseTable(
            new LaneOperations(CommitLake.ORDERS, lake.commits, looks, Duration.ZERO), "orders");
    CommitTurn turn = claimer;
    CommitTurn.Look begun = CommitTurn.look(table);
    turn.claim();
    FutureTask<TableMetadata> refreshed = new FutureTask<>(claimer::refresh);
    new Thread(refreshed).start();
    lake.commit(CommitLake.append(lake.file("a", "begun")));
    begun.close();
    TableMetadata base = refreshed.get();
    assertThat(base.currentSnapshot()).isNotNull();

    FutureTask<CommitTurn.Look> next = new FutureTask<>(() -> CommitTurn.look(table));
    new Thread(next).start();
    claimer.commit(base, withColumn(base, "note"));
    next.get().close();

    turn.claim();
    claimer.refresh();
    turn.release();
    CommitTurn.look(table).close();
    lake.commit(CommitLake.append(lake.file("a", "goes on")));
    assertThat(lake.visible()).containsExactly("begun", "goes on");
  }

  private static TableMetadata withColumn(TableMetadata metadata, String name) {
    List<Types.NestedField> columns = new ArrayList<>(metadata.schema().columns());
    columns.add(
        Types.NestedField.optional(metadata.lastColumnId() + 1, name, Types.StringType.get()));
    return metadata.updateSchema(new org.apache.iceberg.Schema(columns));
  }

  @Test
  void expiryOverConcurrentAppendsKeepsThem() {
    lake.create(2);
    for (int i = 0; i < 5; i++) {
      lake.commit(CommitLake.append(lake.file("a", "f" + i)));
    }
    TableOperations operations = lake.commits.operations(CommitLake.ORDERS);
    TableMetadata base = operations.current();
    TableMetadata expired =
        TableMetadata.buildFrom(base).removeSnapshots(base.snapshots().subList(0, 4)).build();
    lake.commit(CommitLake.append(lake.file("a", "late")));
    operations.commit(base, expired);

    assertThat(operations.current().snapshots()).hasSize(2);
    assertThat(lake.visible()).containsExactly("f0", "f1", "f2", "f3", "f4", "late");
    assertThat(CommitLake.snapshots(lake.table())).hasSize(2);
  }

  @Test
  void expiryDoesNotTakeATagSetSince() {
    Table table = lake.create(2);
    CommitReceipt first = lake.commit(CommitLake.append(lake.file("a")));
    lake.commit(CommitLake.append(lake.file("a")));
    TableOperations operations = lake.commits.operations(CommitLake.ORDERS);
    TableMetadata base = operations.current();
    TableMetadata expired =
        TableMetadata.buildFrom(base)
            .removeSnapshots(List.of(base.snapshot(first.snapshotId())))
            .build();
    table.refresh();
    table.manageSnapshots().createTag("keep", first.snapshotId()).commit();

    assertThatThrownBy(() -> operations.commit(base, expired))
        .isInstanceOf(CommitFailedException.class)
        .hasMessageContaining("keep has been set to it since");
    table.refresh();
    assertThat(table.snapshot("keep").snapshotId()).isEqualTo(first.snapshotId());
  }

  @Test
  void viewOfATableMadeAnewIsNotFound() {
    Table old = lake.create(2);
    lake.drop();
    lake.create(2);

    assertThatThrownBy(old::refresh)
        .isInstanceOf(NoSuchTableException.class)
        .hasMessageContaining("dropped and made again");
    assertThatThrownBy(() -> old.updateProperties().set("a", "b").commit())
        .isInstanceOfAny(CommitFailedException.class, NoSuchTableException.class);
    assertThat(lake.table().properties()).doesNotContainKey("a");
  }

  @Test
  void oldMetadataGoesOnlyAsFarAsThePropertySays() {
    Table table =
        lake.create(
            2,
            "write.metadata.delete-after-commit.enabled",
            "true",
            "write.metadata.previous-versions-max",
            "3");
    for (int i = 0; i < 8; i++) {
      lake.commit(CommitLake.append(Map.of(), lake.file("a")));
    }
    lake.commits.close();
    assertThat(lake.metadataFiles(table).stream().filter(name -> name.endsWith(".json")))
        .hasSize(4);
  }

  @Test
  void metadataIsWrittenAsThePropertiesSay() {
    Table table = lake.create(2);
    String other = table.location() + "/elsewhere";
    table
        .updateProperties()
        .set("write.metadata.compression-codec", "gzip")
        .set("write.metadata.path", other)
        .commit();
    lake.commit(CommitLake.append(lake.file("a", "one")));

    table.refresh();
    assertThat(org.apache.iceberg.TableUtil.metadataFileLocation(table))
        .matches(java.util.regex.Pattern.quote(other) + "/00002-.*\\.gz\\.metadata\\.json");
    assertThat(table.currentSnapshot().manifestListLocation()).startsWith(other + "/snap-");
    try (CommitLake second = lake.second()) {
      assertThat(second.visible()).containsExactly("one");
    }
  }
}
