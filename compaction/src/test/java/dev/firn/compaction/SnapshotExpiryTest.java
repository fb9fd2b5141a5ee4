package dev.firn.compaction;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.files;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.TableFixture;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SnapshotExpiryTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
  private static final Instant FUTURE = Instant.parse("2999-01-01T00:00:00Z");

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Record rec(long id) {
    return row(SCHEMA, id);
  }

  private static List<Long> snapshotIds(Table table) {
    table.refresh();
    List<Long> ids = new ArrayList<>();
    table.snapshots().forEach(snapshot -> ids.add(snapshot.snapshotId()));
    return ids;
  }

  @Test
  void thePlanIsWhatTheRunRemoves() {
    Table table = fixture.create(SCHEMA, 3);
    DataFile first = append(table, rec(1), rec(2)).get(0);
    deleteRows(table, first, 0);
    append(table, rec(3));
    Compaction.of(table).run();
    List<Long> before = snapshotIds(table);
    int dataFiles = files(table, "data").size();
    int metadataFiles = files(table, "metadata").size();

    SnapshotExpiry expiry = SnapshotExpiry.of(table).olderThan(FUTURE);
    SnapshotExpiry.Result plan = expiry.plan();
    assertThat(snapshotIds(table)).isEqualTo(before);
    SnapshotExpiry.Result result = expiry.run();

    assertThat(result).isEqualTo(plan);
    assertThat(result.snapshots()).containsExactlyElementsOf(before.subList(0, 3));
    assertThat(result.dataFiles()).isEqualTo(2);
    assertThat(result.deleteFiles()).isEqualTo(1);
    assertThat(result.manifestLists()).isEqualTo(3);
    assertThat(snapshotIds(table)).containsExactly(before.get(3));
    assertThat(files(table, "data")).hasSize(dataFiles - 3);
    // one more metadata.json
    assertThat(files(table, "metadata"))
        .hasSize(metadataFiles + 1 - result.manifests() - result.manifestLists());
    assertThat(expiry.run().snapshots()).isEmpty();
  }

  @Test
  void theCurrentSnapshotAndReferencesStay() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1));
    long tagged = table.currentSnapshot().snapshotId();
    table.manageSnapshots().createTag("keep", tagged).commit();
    append(table, rec(2));
    long middle = table.currentSnapshot().snapshotId();
    append(table, rec(3));
    long current = table.currentSnapshot().snapshotId();

    SnapshotExpiry.Result result = SnapshotExpiry.of(table).olderThan(FUTURE).run();

    assertThat(result.snapshots()).containsExactly(middle);
    assertThat(result.dataFiles()).isZero();
    assertThat(snapshotIds(table)).containsExactly(tagged, current);
    assertReadable(table);
  }

  @Test
  void youngSnapshotsStayByDefaultAndTheNewestByNumber() {
    Table table = fixture.create(SCHEMA, 2);
    for (int i = 0; i < 4; i++) {
      append(table, rec(i));
    }

    assertThat(SnapshotExpiry.of(table).plan().snapshots()).isEmpty();
    assertThat(SnapshotExpiry.of(table).olderThan(FUTURE).retainLast(3).run().snapshots())
        .hasSize(1);
    table.updateProperties().set("history.expire.min-snapshots-to-keep", "2").commit();
    assertThat(SnapshotExpiry.of(table).olderThan(FUTURE).run().snapshots()).hasSize(1);
    assertThat(snapshotIds(table)).hasSize(2);
  }

  @Test
  void statisticsOfExpiredSnapshotsGoToo() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1));
    Snapshot first = table.currentSnapshot();
    String stats = table.location() + "/metadata/stats.puffin";
    writeEmpty(table, stats);
    table
        .updateStatistics()
        .setStatistics(
            new GenericStatisticsFile(
                first.snapshotId(), stats, 0, 0, List.<org.apache.iceberg.BlobMetadata>of()))
        .commit();
    append(table, rec(2));

    SnapshotExpiry.Result result = SnapshotExpiry.of(table).olderThan(FUTURE).run();

    assertThat(result.otherFiles()).isEqualTo(1);
    assertThat(files(table, "metadata")).doesNotContain(stats);
  }

  private static void writeEmpty(Table table, String location) {
    try (var out = table.io().newOutputFile(location).create()) {
      out.write(0);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tablesThatShareFilesAreRefused() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, rec(1));
    table.updateProperties().set("gc.enabled", "false").commit();

    assertThatThrownBy(() -> SnapshotExpiry.of(table).run())
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("gc.enabled");
    assertThatThrownBy(() -> SnapshotExpiry.of(table).retainLast(0))
        .hasMessageContaining("expected 1 or more, got 0");
  }

  @RepeatedTest(3)
  void randomHistoriesKeepWhatIsReachableAndPlanWhatTheyRemove(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.expiry.seed", 0) + repetition.getCurrentRepetition();
    System.out.println("SnapshotExpiryTest -Dfirn.expiry.seed=" + (seed - 1));
    Random random = new Random(seed);
    Table table = fixture.create(SCHEMA, 2 + random.nextInt(2));
    List<DataFile> live = new ArrayList<>();
    for (int step = 0; step < 12; step++) {
      int choice = random.nextInt(10);
      if (choice < 5 || live.isEmpty()) {
        live.addAll(append(table, rec(step), rec(step + 100)));
      } else if (choice < 7) {
        deleteRows(table, live.remove(random.nextInt(live.size())), random.nextInt(2));
      } else if (choice == 7) {
        Compaction.of(table).everything().run();
        live.clear();
      } else if (choice == 8) {
        table.refresh();
        table
            .manageSnapshots()
            .createTag("t" + step, table.currentSnapshot().snapshotId())
            .commit();
      } else {
        SnapshotExpiry expiry =
            SnapshotExpiry.of(table).olderThan(FUTURE).retainLast(1 + random.nextInt(3));
        SnapshotExpiry.Result plan = expiry.plan();
        int before = files(table, "data").size();
        assertThat(expiry.run()).as("seed %d", seed).isEqualTo(plan);
        assertThat(files(table, "data").size())
            .as("seed %d", seed)
            .isEqualTo(before - plan.dataFiles() - plan.deleteFiles());
      }
      assertReadable(table);
    }
  }

  /** Every snapshot that the table still has can be read to its end, by Iceberg's own reader. */
  private static void assertReadable(Table table) {
    table.refresh();
    for (Snapshot snapshot : table.snapshots()) {
      try (var rows = IcebergGenerics.read(table).useSnapshot(snapshot.snapshotId()).build()) {
        rows.forEach(each -> assertThat(each).isNotNull());
      } catch (java.io.IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
