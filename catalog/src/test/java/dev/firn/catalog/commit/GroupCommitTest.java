package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.jdbc.ChannelMove;
import dev.firn.catalog.jdbc.Channels;
import dev.firn.catalog.jdbc.ShortPatience;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.Fault;
import dev.firn.testing.FileOperation;
import dev.firn.testing.SqlFault;
import dev.firn.testing.SqlOperation;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one group of known members becomes. */
class GroupCommitTest {
  private static final int SQLITE_BUSY = 5;

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

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void appendsBecomeOneSnapshot(int formatVersion) {
    lake.create(formatVersion);
    lake.commit(CommitLake.append(lake.file("x")));
    List<DataFile> files = IntStream.range(0, 20).mapToObj(i -> lake.file("c" + i % 3)).toList();
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(
        () -> {
          files.forEach(file -> all.add(lake.submit(CommitLake.append(file))));
        });
    List<CommitReceipt> receipts = all.stream().map(Futures::await).toList();

    Table table = lake.table();
    Snapshot made = table.currentSnapshot();
    assertThat(receipts).extracting(CommitReceipt::snapshotId).containsOnly(made.snapshotId());
    assertThat(receipts)
        .extracting(CommitReceipt::sequenceNumber)
        .containsOnly(made.sequenceNumber());
    assertThat(receipts)
        .extracting(CommitReceipt::position)
        .containsExactlyElementsOf(IntStream.range(0, 20).boxed().toList());
    assertThat(made.operation()).isEqualTo(DataOperations.APPEND);
    assertThat(made.summary())
        .containsEntry("added-data-files", "20")
        .containsEntry("added-records", "200")
        .containsEntry("added-files-size", "2000")
        .containsEntry("changed-partition-count", "3")
        .containsEntry("total-data-files", "21")
        .containsEntry("total-records", "210")
        .containsEntry("total-files-size", "2100");
    assertThat(made.allManifests(table.io())).hasSize(2);
    assertThat(lake.visible()).hasSize(21).containsAll(CommitLake.names(files));
  }

  @Test
  void rowIdsOfAGroupDoNotOverlap() {
    lake.create(3);
    for (int group = 0; group < 3; group++) {
      List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
      lake.together(
          () -> {
            for (int i = 0; i < 4; i++) {
              all.add(lake.submit(CommitLake.append(lake.file("a"))));
            }
          });
      all.forEach(Futures::await);
    }
    Table table = lake.table();
    TreeSet<Long> first = new TreeSet<>();
    table
        .newScan()
        .planFiles()
        .forEach(task -> assertThat(first.add(task.file().firstRowId())).isTrue());
    assertThat(first).hasSize(12).first().isEqualTo(0L);
    long before = -10;
    for (long id : first) {
      assertThat(id).isEqualTo(before + 10);
      before = id;
    }
  }

  @Test
  void manifestsAreNeverMergedOnTheWay() {
    lake.create(2, "commit.manifest.min-count-to-merge", "2");
    for (int i = 0; i < 6; i++) {
      lake.commit(CommitLake.append(lake.file("a")));
    }
    Table table = lake.table();
    DataFile file = lake.file("z");
    lake.commit(CommitLake.append(file));
    lake.commit(CommitLake.replace(file, lake.file("z"), head()));
    // Seven appends, one of them filtered, and the replacement's.
    table.refresh();
    assertThat(table.currentSnapshot().allManifests(table.io())).hasSize(8);
  }

  @Test
  void eachPartitionSpecHasItsManifest() {
    Table table = lake.create(2);
    table.updateSpec().addField("id").commit();
    DataFile byBoth =
        DataFiles.builder(lake.table().spec())
            .withPath(table.location() + "/data/both.parquet")
            .withPartitionPath("city=a/id=1")
            .withFileSizeInBytes(1)
            .withRecordCount(1)
            .build();
    lake.commit(CommitLake.append(lake.file("a", "one"), byBoth));

    table.refresh();
    assertThat(table.currentSnapshot().allManifests(table.io()))
        .extracting(ManifestFile::partitionSpecId)
        .containsExactlyInAnyOrder(0, 1);
    assertThat(lake.visible()).containsExactly("both", "one");
  }

  @Test
  void badMemberFailsAlone() {
    lake.create(2);
    DataFile there = lake.file("a", "there");
    CommitReceipt base = lake.commit(CommitLake.append(there));
    lake.commit(
        CommitLake.replace(there, lake.file("a", "second"), base.snapshotId())
            .under(IsolationLevel.SNAPSHOT));
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(
        () -> {
          for (int i = 0; i < 50; i++) {
            all.add(
                lake.submit(
                    i == 17
                        ? CommitLake.replace(there, lake.file("a"), base.snapshotId())
                            .under(IsolationLevel.SNAPSHOT)
                        : CommitLake.append(Map.of(), lake.file("a"))));
          }
        });
    for (int i = 0; i < 50; i++) {
      CompletableFuture<CommitReceipt> each = all.get(i);
      if (i == 17) {
        assertThat(kindOf(each)).isEqualTo(ErrorKind.CONFLICT);
      } else {
        assertThat(Futures.await(each)).isNotNull();
      }
    }
    assertThat(lake.visible()).hasSize(50).contains("second");
  }

  @Test
  void memberThatCannotBeWrittenFailsAlone() {
    Table table = lake.create(2);
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(
        () -> {
          for (int i = 0; i < 50; i++) {
            // Iceberg counts added files itself, and takes no second entry of the name.
            Map<String, String> summary = i == 31 ? Map.of("added-data-files", "7") : Map.of();
            all.add(lake.submit(CommitLake.append(summary, lake.file("a"))));
          }
        });
    long failed = all.stream().filter(each -> kindOf(each) == ErrorKind.INVALID).count();
    assertThat(failed).isEqualTo(1);
    assertThat(kindOf(all.get(31))).isEqualTo(ErrorKind.INVALID);
    assertThat(lake.visible()).hasSize(49);
    assertOnlyReachableMetadata(table);
  }

  @Test
  void contradictingSummariesAreBothKept() {
    lake.create(2);
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(
        () -> {
          all.add(lake.submit(CommitLake.append(Map.of("job", "1", "by", "ann"), lake.file("a"))));
          all.add(lake.submit(CommitLake.append(Map.of("by", "ann"), lake.file("a"))));
          all.add(lake.submit(CommitLake.append(Map.of("job", "2"), lake.file("a"))));
        });
    List<Snapshot> made =
        all.stream().map(each -> lake.table().snapshot(Futures.await(each).snapshotId())).toList();
    assertThat(made.get(0)).isEqualTo(made.get(1));
    assertThat(made.get(1).summary()).containsEntry("job", "1").containsEntry("by", "ann");
    assertThat(made.get(2).summary()).containsEntry("job", "2").doesNotContainKey("by");
    assertThat(made.get(2).parentId()).isEqualTo(made.get(0).snapshotId());
    assertThat(lake.metadataFiles(lake.table()).stream().filter(f -> f.endsWith(".json")))
        .hasSize(2);
  }

  @Test
  void branchesOfOneGroupGoTheirWays() {
    Table table = lake.create(2);
    lake.commit(CommitLake.append(lake.file("a", "root")));
    table.refresh();
    table.manageSnapshots().createBranch("audit").commit();
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(
        () -> {
          all.add(lake.submit(CommitLake.append(lake.file("a", "one"))));
          all.add(lake.submit(CommitLake.onBranch("audit", Map.of(), lake.file("a", "two"))));
          all.add(lake.submit(CommitLake.append(lake.file("a", "three"))));
        });
    all.forEach(Futures::await);

    assertThat(lake.visible("main")).containsExactly("one", "root", "three");
    assertThat(lake.visible("audit")).containsExactly("root", "two");
  }

  @Test
  void columnsComeBeforeTheRowsThatNeedThem() {
    lake.create(2);
    Schema wider =
        new Schema(
            Types.NestedField.required(1, "id", Types.LongType.get()),
            Types.NestedField.optional(3, "note", Types.StringType.get()));
    Schema contradicting = new Schema(Types.NestedField.optional(1, "city", Types.LongType.get()));
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(
        () -> {
          all.add(lake.submit(CommitLake.append(lake.file("a", "plain"))));
          all.add(evolving(wider, lake.file("a", "wide")));
          all.add(evolving(contradicting, lake.file("a", "bad")));
          all.add(evolving(wider, lake.file("a", "also wide")));
        });
    assertThat(kindOf(all.get(2))).isEqualTo(ErrorKind.INVALID);
    Futures.await(all.get(3));

    assertThat(lake.visible()).containsExactly("also wide", "plain", "wide");
    assertThat(lake.table().schema().columns())
        .extracting(Types.NestedField::name)
        .containsExactly("id", "city", "note");
    assertThat(lake.table().schemas()).hasSize(2);
  }

  private CompletableFuture<CommitReceipt> evolving(Schema schema, DataFile file) {
    return lake.commits.submit(
        CommitLake.ORDERS,
        new CommitRequest(CommitLake.append(file), schema, null, List.of(), Duration.ZERO));
  }

  @Test
  void tableMadeAnewGetsNothingOfItsPredecessor() {
    String old = lake.create(2).uuid().toString();
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(
        () -> {
          all.add(lake.submit(CommitLake.append(lake.file("a", "late"))));
          lake.drop();
          lake.create(2);
          all.add(lake.submit(CommitLake.append(lake.file("a", "fit"))));
        });
    CompletableFuture<CommitReceipt> late = all.get(0);
    assertThat(kindOf(late)).isEqualTo(ErrorKind.NOT_FOUND);
    assertThatThrownBy(() -> Futures.await(late)).hasMessageContaining("dropped and made again");
    Futures.await(all.get(1));
    assertThat(lake.visible()).containsExactly("fit");

    CompletableFuture<CommitReceipt> byId =
        lake.commits.submit(
            CommitLake.ORDERS, old, CommitRequest.of(CommitLake.append(lake.file("a", "older"))));
    assertThat(kindOf(byId)).isEqualTo(ErrorKind.NOT_FOUND);
    assertThat(lake.visible()).containsExactly("fit");
  }

  @Test
  void droppedTableIsNotFound() {
    lake.create(2);
    lake.commit(CommitLake.append(lake.file("a")));
    lake.drop();

    assertThat(kindOf(lake.submit(CommitLake.append(lake.file("a")))))
        .isEqualTo(ErrorKind.NOT_FOUND);
    assertThat(kindOf(lake.submit(CommitLake.append(lake.file("a")))))
        .isEqualTo(ErrorKind.NOT_FOUND);
  }

  @Test
  void badFilesAreRefusedBeforeTheyJoin() {
    lake.create(2);
    DataFile file = lake.file("a");
    assertInvalid("adds a file twice", file, file);
    DataFile otherSpec =
        DataFiles.builder(
                org.apache.iceberg.PartitionSpec.builderFor(CommitLake.SCHEMA)
                    .withSpecId(7)
                    .identity("city")
                    .build())
            .withPath("x.parquet")
            .withPartitionPath("city=a")
            .withFileSizeInBytes(1)
            .withRecordCount(1)
            .build();
    assertInvalid("no partition spec 7, expected one of [0]", otherSpec);
    DataFile unpartitioned =
        DataFiles.builder(org.apache.iceberg.PartitionSpec.unpartitioned())
            .withPath("x.parquet")
            .withFileSizeInBytes(1)
            .withRecordCount(1)
            .build();
    assertInvalid("expected 1 values, got 0", unpartitioned);
    assertThat(lake.visible()).isEmpty();
  }

  private void assertInvalid(String message, DataFile... files) {
    CompletableFuture<CommitReceipt> refused = lake.submit(CommitLake.append(files));
    assertThat(refused).isCompletedExceptionally();
    assertThatThrownBy(() -> Futures.await(refused))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining(message)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void storeFailureIsUnavailableAndLeavesNothing() {
    Table table = lake.create(2);
    lake.commit(CommitLake.append(lake.file("a", "before")));
    for (int nth = 1; nth <= 3; nth++) {
      lake.files.reset();
      lake.files.add(Fault.before(FileOperation.CREATE, nth));
      List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
      lake.together(
          () -> {
            for (int i = 0; i < 5; i++) {
              all.add(lake.submit(CommitLake.append(lake.file("a"))));
            }
          });
      for (CompletableFuture<CommitReceipt> each : all) {
        assertThat(kindOf(each)).isEqualTo(ErrorKind.UNAVAILABLE);
      }
      assertThat(lake.files.failed()).isEqualTo(1);
      assertThat(lake.visible()).containsExactly("before");
    }
    assertOnlyReachableMetadata(table);
  }

  @Test
  void unknownOutcomeIsToldToAllAndRemovesNothing() {
    lake.create(2);
    lake.commit(CommitLake.append(lake.file("a", "before")));
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    ShortPatience.with(
        lake.database(),
        Duration.ofMillis(500),
        () -> {
          lake.together(
              () -> {
                for (int i = 0; i < 5; i++) {
                  all.add(lake.submit(CommitLake.append(lake.file("a", "maybe" + i))));
                }
                loseAnswerOfCommit();
              });
          for (CompletableFuture<CommitReceipt> each : all) {
            assertThat(kindOf(each)).isEqualTo(ErrorKind.COMMIT_STATE_UNKNOWN);
          }
        });
    lake.calls().reset();
    assertThat(lake.visible())
        .containsExactly("before", "maybe0", "maybe1", "maybe2", "maybe3", "maybe4");
    lake.commit(CommitLake.append(lake.file("a", "next")));
    assertThat(lake.visible()).hasSize(7).contains("next");
  }

  /** The COMMIT's answer is lost, and the database stays away while its outcome is asked for. */
  private void loseAnswerOfCommit() {
    lake.calls().reset();
    lake.calls().add(SqlFault.after(SqlOperation.COMMIT, 1).cutting());
    for (int nth = 1; nth <= 64; nth++) {
      lake.calls()
          .add(
              SqlFault.before(SqlOperation.CONNECT, nth)
                  .on(call -> isConnectAfterCommit(call.operation())));
    }
  }

  private boolean isConnectAfterCommit(SqlOperation operation) {
    return operation == SqlOperation.CONNECT && lake.calls().count(SqlOperation.COMMIT) > 0;
  }

  @Test
  void zombieOfAChannelFailsAlone() {
    Table table = lake.create(2);
    Channels channels = new Channels(lake.database(), "firn");
    String uuid = table.uuid().toString();
    long zombie = channels.open(uuid, "topic-0").epoch();
    long owner = channels.open(uuid, "topic-0").epoch();
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(
        () -> {
          all.add(lake.submit(CommitLake.append(lake.file("a", "plain"))));
          all.add(streaming(new ChannelMove(uuid, "topic-0", zombie, 1, "7", -1), "zombie"));
          all.add(streaming(new ChannelMove(uuid, "topic-0", owner, 1, "9", -1), "owner"));
        });
    assertThat(kindOf(all.get(1))).isEqualTo(ErrorKind.CONFLICT);
    assertThatThrownBy(() -> Futures.await(all.get(1)))
        .hasMessageContaining("another writer has opened channel topic-0");
    CommitReceipt receipt = Futures.await(all.get(2));

    assertThat(Futures.await(all.get(0)).snapshotId()).isEqualTo(receipt.snapshotId());
    assertThat(lake.visible()).containsExactly("owner", "plain");
    assertThat(channels.list(uuid))
        .singleElement()
        .satisfies(
            state -> {
              assertThat(state.token()).isEqualTo("9");
              assertThat(state.snapshotId()).isEqualTo(receipt.snapshotId());
            });
    assertOnlyReachableMetadata(table);
  }

  private CompletableFuture<CommitReceipt> streaming(ChannelMove move, String name) {
    return lake.commits.submit(
        CommitLake.ORDERS,
        new CommitRequest(
            CommitLake.append(lake.file("a", name)), null, move, List.of(), Duration.ZERO));
  }

  @Test
  void sweptIntentFailsItsMemberAlone() {
    lake.create(2);
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(
        () -> {
          all.add(lake.submit(CommitLake.append(lake.file("a", "good"))));
          all.add(
              lake.commits.submit(
                  CommitLake.ORDERS,
                  new CommitRequest(
                      CommitLake.append(lake.file("a", "swept")),
                      null,
                      null,
                      List.of(UUID.randomUUID()),
                      Duration.ZERO)));
        });
    assertThat(kindOf(all.get(1))).isEqualTo(ErrorKind.CONFLICT);
    assertThatThrownBy(() -> Futures.await(all.get(1))).hasMessageContaining("have been swept");
    Futures.await(all.get(0));
    assertThat(lake.visible()).containsExactly("good");
  }

  @Test
  void commitOfAnotherProcessIsRebasedOnto() {
    Table table = lake.create(2);
    Table foreign = lake.foreign().loadTable(CommitLake.ORDERS);
    lake.commit(CommitLake.append(lake.file("a", "first")));
    lake.calls().reset();
    // Another process commits between our look and our swap.
    lake.calls()
        .add(
            SqlFault.before(SqlOperation.BEGIN, 1)
                .throwing(() -> new SQLException("The database is locked", null, SQLITE_BUSY))
                .meanwhile(
                    () -> foreign.newFastAppend().appendFile(lake.file("a", "foreign")).commit()));
    lake.commit(CommitLake.append(lake.file("a", "second")));

    assertThat(lake.visible()).containsExactly("first", "foreign", "second");
    assertOnlyReachableMetadata(table);
  }

  private long head() {
    return lake.table().currentSnapshot().snapshotId();
  }

  /** No attempt that failed, and no step that was taken apart, leaves a file. */
  private void assertOnlyReachableMetadata(Table table) {
    table.refresh();
    TreeSet<String> reachable = new TreeSet<>();
    reachable.add(fileName(org.apache.iceberg.TableUtil.metadataFileLocation(table)));
    org.apache.iceberg.ReachableFileUtil.metadataFileLocations(table, false)
        .forEach(location -> reachable.add(fileName(location)));
    for (Snapshot snapshot : table.snapshots()) {
      reachable.add(fileName(snapshot.manifestListLocation()));
      snapshot.allManifests(table.io()).forEach(m -> reachable.add(fileName(m.path())));
    }
    assertThat(lake.metadataFiles(table)).isEqualTo(reachable);
  }

  private static String fileName(String location) {
    return location.substring(location.lastIndexOf('/') + 1);
  }

  private static ErrorKind kindOf(CompletableFuture<?> commit) {
    try {
      Futures.await(commit);
      return null;
    } catch (FirnException e) {
      return e.kind();
    }
  }
}
