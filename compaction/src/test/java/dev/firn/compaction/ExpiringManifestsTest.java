package dev.firn.compaction;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.files;
import static dev.firn.testing.TableFixture.row;
import static dev.firn.testing.TableFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** The quick way to find expired files against the one that reads everything. */
class ExpiringManifestsTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Record rec(long id) {
    return row(SCHEMA, id);
  }

  private static List<Snapshot> snapshots(Table table) {
    table.refresh();
    List<Snapshot> all = new ArrayList<>();
    table.snapshots().forEach(all::add);
    return all;
  }

  @Test
  void appendsLeaveNoManifestToRead() {
    Table table = fixture.create(SCHEMA, 2);
    for (int i = 0; i < 10; i++) {
      fastAppend(table, "main", i);
    }
    ManifestMerge.of(table).all().run();
    fastAppend(table, "main", 11);
    List<Snapshot> all = snapshots(table);

    ExpiringManifests found =
        ExpiringManifests.between(table, all.subList(1, 11), List.of(all.get(0), all.get(11)));

    // The first one's manifest is retained with it; the merge replaced the others.
    assertThat(found.gone()).hasSize(9);
    assertThat(found.unsettled()).isEmpty();
  }

  @Test
  void aFileThatADeleteTookOutIsFound() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, rec(1)).get(0);
    fastAppend(table, "main", 2);
    table.newDelete().deleteFile(file).commit();
    fastAppend(table, "main", 3);
    List<Snapshot> all = snapshots(table);

    ExpiredFiles found = ExpiredFiles.lately(table, all.subList(0, 3), List.of(all.get(3)));

    assertThat(found.dataFiles()).containsExactly(file.location());
  }

  @RepeatedTest(4)
  void findsWhatReadingEverythingFinds(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.expiry.seed", 0) + repetition.getCurrentRepetition();
    System.out.println("ExpiringManifestsTest -Dfirn.expiry.seed=" + (seed - 1));
    Random random = new Random(seed);
    Table table = fixture.create(SCHEMA, 1 + random.nextInt(3));
    List<DataFile> live = new ArrayList<>(append(table, rec(-1)));
    table.manageSnapshots().createBranch("side").commit();
    for (int step = 0; step < 30; step++) {
      table.refresh();
      change(table, random, live, step);
      if (random.nextInt(5) == 0) {
        expireSome(table, random, seed);
        assertReadable(table);
      }
    }
  }

  private void change(Table table, Random random, List<DataFile> live, int step) {
    switch (random.nextInt(12)) {
      case 0 -> ManifestMerge.of(table).all().run();
      case 1 -> {
        Compaction.of(table).everything().run();
        live.clear();
      }
      case 2 -> {
        if (!live.isEmpty()) {
          table.newDelete().deleteFile(live.remove(random.nextInt(live.size()))).commit();
        }
      }
      case 3 -> {
        if (!live.isEmpty() && TableFixture.formatVersion(table) > 1) {
          deleteRows(table, live.remove(random.nextInt(live.size())), 0);
        }
      }
      case 4 -> fastAppend(table, "side", step);
      case 5 -> {
        rollBack(table, random);
        live.clear();
      }
      case 6 -> {
        List<Snapshot> all = snapshots(table);
        table
            .manageSnapshots()
            .createTag("t" + step, all.get(random.nextInt(all.size())).snapshotId())
            .commit();
      }
      case 7 -> live.addAll(append(table, rec(step), rec(step + 100)));
      default -> live.add(fastAppend(table, "main", step));
    }
  }

  private static DataFile fastAppend(Table table, String branch, long id) {
    DataFile file = write(table, FileFormat.PARQUET, List.of(rec(id))).get(0);
    table.newFastAppend().appendFile(file).toBranch(branch).commit();
    return file;
  }

  private static void rollBack(Table table, Random random) {
    List<Snapshot> all = snapshots(table);
    table
        .manageSnapshots()
        .setCurrentSnapshot(all.get(random.nextInt(all.size())).snapshotId())
        .commit();
  }

  private static void expireSome(Table table, Random random, long seed) {
    TableOperations operations = ((HasTableOperations) table).operations();
    TableMetadata base = operations.refresh();
    Set<Long> heads = new HashSet<>();
    base.refs().values().stream().map(SnapshotRef::snapshotId).forEach(heads::add);
    int density = 1 + random.nextInt(4);
    List<Snapshot> expired = new ArrayList<>();
    List<Snapshot> retained = new ArrayList<>();
    for (Snapshot snapshot : base.snapshots()) {
      (heads.contains(snapshot.snapshotId()) || random.nextInt(4) >= density ? retained : expired)
          .add(snapshot);
    }
    ExpiredFiles quick = ExpiredFiles.lately(table, expired, retained);
    assertThat(quick).as("seed %d", seed).isEqualTo(ExpiredFiles.between(table, expired, retained));
    operations.commit(
        base,
        TableMetadata.buildFrom(base)
            .removeSnapshots(expired.stream().map(Snapshot::snapshotId).toList())
            .build());
    int before = files(table, "data").size();
    quick.deleteWith(table.io());
    assertThat(files(table, "data"))
        .hasSize(before - quick.dataFiles().size() - quick.deleteFiles().size());
  }

  /** Every snapshot that the table still has can be read to its end, by Iceberg's own reader. */
  static void assertReadable(Table table) {
    for (Snapshot snapshot : snapshots(table)) {
      try (var rows = IcebergGenerics.read(table).useSnapshot(snapshot.snapshotId()).build()) {
        rows.forEach(each -> assertThat(each).isNotNull());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
