package dev.firn.compaction;

import static dev.firn.compaction.ExpiringManifestsTest.assertReadable;
import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.files;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.TableFixture;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GradedExpiryTest {
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

  /** Ten snapshots of one row each, of which at most ten stay and the newest five must. */
  private Table table(String grades) {
    Table table = fixture.create(SCHEMA, 2);
    table
        .updateProperties()
        .set(GradedRetention.GRADES, grades)
        .set(GradedRetention.MAX_COUNT, "10")
        .commit();
    for (int i = 0; i < 10; i++) {
      append(table, rec(i));
    }
    return table;
  }

  private static List<Long> ids(Table table) {
    table.refresh();
    List<Long> ids = new ArrayList<>();
    table.snapshots().forEach(snapshot -> ids.add(snapshot.snapshotId()));
    return ids;
  }

  private static GradedExpiry tomorrow(Table table) {
    return GradedExpiry.of(table).clock(Clock.offset(Clock.systemUTC(), Duration.ofDays(1)));
  }

  @Test
  void thePlanIsWhatTheRunRemoves() {
    Table table = table("all for 1h");
    List<Long> before = ids(table);
    int metadata = files(table, "metadata").size();
    assertThat(GradedExpiry.of(table).run().snapshots()).isEmpty();

    SnapshotExpiry.Result plan = tomorrow(table).plan();
    assertThat(ids(table)).isEqualTo(before);
    SnapshotExpiry.Result result = tomorrow(table).run();

    assertThat(result).isEqualTo(plan);
    assertThat(result.snapshots()).containsExactlyElementsOf(before.subList(0, 5));
    assertThat(ids(table)).containsExactlyElementsOf(before.subList(5, 10));
    assertThat(result.manifestLists()).isEqualTo(5);
    assertThat(result.dataFiles()).isZero();
    assertThat(files(table, "metadata"))
        .hasSize(metadata + 1 - result.manifests() - result.manifestLists());
    assertReadable(table);
    assertThat(tomorrow(table).run().snapshots()).isEmpty();
  }

  @Test
  void agedTagsGoAndOthersStay() {
    Table table = table("all for 1h");
    List<Long> before = ids(table);
    table.manageSnapshots().createTag("kept", before.get(1)).commit();
    table
        .manageSnapshots()
        .createTag("aged", before.get(2))
        .setMaxRefAgeMs("aged", Duration.ofHours(2).toMillis())
        .commit();

    assertThat(tomorrow(table).run().snapshots()).hasSize(4).contains(before.get(2));
    assertThat(table.refs()).containsOnlyKeys("main", "kept");
    assertReadable(table);
  }

  @Test
  void aTagSetWhileItRunsKeepsItsSnapshot() {
    Table table = table("all for 1h");
    long first = ids(table).get(0);
    boolean[] tagged = new boolean[1];

    tomorrow(table)
        .beforeCommit(
            () -> {
              if (!tagged[0]) {
                fixture.reload(table).manageSnapshots().createTag("mine", first).commit();
                tagged[0] = true;
              }
            })
        .run();

    assertThat(ids(table)).hasSize(6).contains(first);
    assertThat(table.refs()).containsKey("mine");
    assertReadable(table);
  }

  @Test
  void whatAnotherProcessExpiredMeanwhileIsNoError() {
    Table table = table("all for 1h");
    Table other = fixture.reload(table);
    boolean[] done = new boolean[1];

    SnapshotExpiry.Result result =
        tomorrow(table)
            .beforeCommit(
                () -> {
                  if (!done[0]) {
                    done[0] = true;
                    assertThat(tomorrow(other).run().snapshots()).hasSize(5);
                  }
                })
            .run();

    assertThat(result.snapshots()).isEmpty();
    assertThat(ids(table)).hasSize(5);
    assertReadable(table);
  }

  @Test
  void workInProgressHoldsWhatItNeeds() {
    Table table = table("all for 1h");
    List<Long> before = ids(table);
    Snapshot held = table.snapshot(before.get(2));

    tomorrow(table).heldSince(held.sequenceNumber()).run();

    assertThat(ids(table)).containsExactlyElementsOf(before.subList(2, 10));
  }

  @Test
  void tablesThatShareFilesAreRefused() {
    Table table = table("all for 1h");
    table.updateProperties().set("gc.enabled", "false").commit();

    assertThatThrownBy(() -> tomorrow(table).run())
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("gc.enabled");
    assertThat(ids(table)).hasSize(10);
  }
}
