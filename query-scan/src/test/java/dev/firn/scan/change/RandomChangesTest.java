package dev.firn.scan.change;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.scan.change.Feed.Change;
import dev.firn.testing.TableFixture;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.apache.iceberg.ChangelogOperation;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Random histories by Iceberg's own writers: changes between any two snapshots, applied to the rows
 * of the one, give the rows of the other.
 */
class RandomChangesTest {
  @RepeatedTest(10)
  void changesTurnOneSnapshotIntoTheOther(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.changes.seed", 0) + repetition.getCurrentRepetition();
    System.out.println("RandomChangesTest -Dfirn.changes.seed=" + (seed - 1));
    try (TableFixture fixture = TableFixture.open()) {
      RandomTable history = new RandomTable(fixture, new Random(seed));
      for (int step = 0; step < 10; step++) {
        history.step();
      }
      check("seed " + seed, history.table(), new Random(seed));
    }
  }

  private static void check(String when, Table table, Random random) {
    table.refresh();
    List<Long> states = new ArrayList<>();
    states.add(null);
    for (Snapshot snapshot : SnapshotUtil.currentAncestors(table)) {
      states.add(1, snapshot.snapshotId());
    }
    for (int from = 0; from < states.size(); from++) {
      for (int to = 1; to < states.size(); to++) {
        String pair = when + " " + describe(table, states, from, to);
        // Every pair of neighbours, and a sample of the others.
        if (to != from + 1 && random.nextInt(4) > 0) {
          continue;
        }
        if (from < to) {
          one(pair, table, states.get(from), states.get(to), ChangeRequest.Mode.EACH);
        }
        if (from != to) {
          one(pair, table, states.get(from), states.get(to), ChangeRequest.Mode.NET);
        }
      }
    }
  }

  private static String describe(Table table, List<Long> states, int from, int to) {
    List<String> operations =
        states.stream().skip(1).map(id -> table.snapshot(id).operation()).toList();
    return from + " to " + to + " of " + operations;
  }

  private static void one(String when, Table table, Long from, long to, ChangeRequest.Mode mode) {
    ChangeRequest request = ChangeRequest.EVERYTHING.to(new ChangePoint.Id(to)).mode(mode);
    if (from != null) {
      request = request.from(new ChangePoint.Id(from));
    }
    boolean head = table.currentSnapshot().snapshotId() == to;
    Schema schema = head ? table.schema() : SnapshotUtil.schemaFor(table, to);
    List<Change> changes = Feed.read(table, request);
    String as = when + " " + mode;
    assertThat(Feed.apply(Feed.rows(table, from, schema), changes))
        .as(as)
        .isEqualTo(Feed.rows(table, to, schema));
    checkMinimal(as, changes);
    checkPairs(as, changes);
    checkOrder(as, table, changes, mode);
  }

  /** No row is taken away and brought back by one snapshot. */
  private static void checkMinimal(String as, List<Change> changes) {
    Map<List<Object>, Integer> removed = new HashMap<>();
    for (Change change : changes) {
      if (change.type() == ChangelogOperation.DELETE) {
        removed.merge(List.of(change.ordinal(), change.row()), 1, Integer::sum);
      }
    }
    for (Change change : changes) {
      if (change.type() == ChangelogOperation.INSERT) {
        assertThat(removed).as(as).doesNotContainKey(List.of(change.ordinal(), change.row()));
      }
    }
  }

  /** Updates are pairs of one id, which {@link RandomTable} never changes. */
  private static void checkPairs(String as, List<Change> changes) {
    for (int i = 0; i < changes.size(); i++) {
      Change change = changes.get(i);
      if (change.type() == ChangelogOperation.UPDATE_BEFORE) {
        Change after = changes.get(++i);
        assertThat(after.type()).as(as).isEqualTo(ChangelogOperation.UPDATE_AFTER);
        assertThat(after.row().get(0)).as(as).isEqualTo(change.row().get(0));
        assertThat(after.ordinal()).as(as).isEqualTo(change.ordinal());
      } else {
        assertThat(change.type()).as(as).isNotEqualTo(ChangelogOperation.UPDATE_AFTER);
      }
    }
  }

  private static void checkOrder(
      String as, Table table, List<Change> changes, ChangeRequest.Mode mode) {
    assertThat(changes.stream().map(Change::ordinal).toList()).as(as).isSorted();
    if (mode == ChangeRequest.Mode.EACH) {
      assertThat(changes)
          .as(as)
          .noneMatch(change -> table.snapshot(change.snapshot()).operation().equals("replace"));
    }
    assertThat(
            StreamSupport.stream(table.snapshots().spliterator(), false)
                .map(Snapshot::snapshotId)
                .toList())
        .as(as)
        .containsAll(changes.stream().map(Change::snapshot).toList());
  }
}
