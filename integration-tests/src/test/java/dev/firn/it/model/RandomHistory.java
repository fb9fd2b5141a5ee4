package dev.firn.it.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeScan;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.compaction.verify.Finding;
import dev.firn.testing.TruthFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/**
 * A random history of a table, by every way to change one, held against a model of maps: after each
 * step the head, a filter, a snapshot of the past and every branch read back equal, and at the end
 * every snapshot that is retained.
 */
public final class RandomHistory {
  private final RandomTable at;
  private final RandomShape shape;
  private final RandomChanges changes;
  private final FeedCheck feed;

  private RandomHistory(Lakehouse lake, String name, Random random) {
    this.at = new RandomTable(lake, name, random);
    this.shape = new RandomShape(at);
    this.changes = new RandomChanges(at);
    this.feed = new FeedCheck(at);
  }

  /** Runs a history in a new table; {@code last} looks at the table in the end. */
  public static void run(
      Lakehouse lake, String name, long seed, int steps, Consumer<LakeTable> last) {
    RandomHistory history = new RandomHistory(lake, name, new Random(seed));
    try {
      for (int step = 0; step < steps; step++) {
        history.step();
        history.check();
      }
      history.checkAllPasts();
      history.verify();
      last.accept(history.at.table);
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          "-Dfirn.history.seed=%d: %s".formatted(seed, String.join(" | ", history.at.log)), e);
    }
  }

  private void step() {
    switch (at.random.nextInt(37)) {
      case 0, 1, 2, 3, 4 -> at.append();
      case 5, 6, 7 -> at.delete();
      case 8, 9 -> at.overwrite();
      case 10, 11 -> at.deleteByEquality();
      case 12, 13 -> at.deleteByPosition();
      case 14 -> shape.addColumn();
      case 15 -> shape.renameOrWiden();
      case 16 -> shape.dropColumn();
      case 17 -> shape.repartition();
      case 18 -> shape.branchOrTag();
      case 19 -> shape.rollback();
      case 20, 21, 22 -> shape.compact();
      case 23 -> shape.expireOrUpgrade();
      case 24, 25 -> changes.update();
      case 26, 27, 28 -> changes.merge();
      case 29 -> changes.changeModes();
      case 30 -> changes.overwritePartitions();
      case 31, 32 -> shape.convertDeletes();
      default -> changes.upsert();
    }
  }

  private void check() {
    Model model = at.model;
    model.remember(at.table);
    compare(at.table.scan(), model.head);
    TruthFilter<Map<Integer, @Nullable Object>> where = at.predicate();
    compare(at.table.scan().where(where.expression()), model.matching(where));
    if (!model.pasts.isEmpty()) {
      Model.Past past = model.anyPast(at.random);
      compare(at.table.scan().asOfSnapshot(past.snapshot()), past.rows());
    }
    model.branches.forEach((branch, rows) -> compare(at.table.scan().ref(branch), rows));
    if (isRightInIceberg(at.table.iceberg())) {
      compareWithIceberg();
    }
    feed.check();
    at.checkRowIds();
  }

  private void checkAllPasts() {
    at.model
        .pasts
        .values()
        .forEach(past -> compare(at.table.scan().asOfSnapshot(past.snapshot()), past.rows()));
    at.model.tags.forEach(
        (tag, snapshot) -> {
          Model.Past past = at.model.pasts.get(snapshot);
          if (past != null) {
            compare(at.table.scan().ref(tag), past.rows());
          }
        });
  }

  /**
   * Nothing that is recorded of any retained snapshot is untrue of its files, and no delete file is
   * left behind by the data file that it was for.
   */
  private void verify() {
    assertThat(at.table.verify().allSnapshots().deep().run().findings())
        .filteredOn(
            finding ->
                finding.severity() == Finding.Severity.ERROR
                    || finding.kind() == Finding.Kind.DANGLING_DELETE)
        .isEmpty();
  }

  private void compare(LakeScan scan, List<Map<Integer, @Nullable Object>> rows) {
    assertThat(Model.read(scan.schema(), scan.toList()))
        .isEqualTo(at.model.shown(scan.schema(), rows));
  }

  /** Iceberg's generic reader fails where an equality delete's column was dropped since (W3). */
  private static boolean isRightInIceberg(Table table) {
    return ForeignDeletes.plan(table).stream()
        .flatMap(task -> task.deletes().stream())
        .filter(delete -> delete.content() == FileContent.EQUALITY_DELETES)
        .map(DeleteFile::equalityFieldIds)
        .allMatch(ids -> ids.stream().allMatch(id -> table.schema().findField(id) != null));
  }

  private void compareWithIceberg() {
    Table now = at.table.iceberg();
    try (CloseableIterable<Record> read = IcebergGenerics.read(now).build()) {
      List<Record> rows = new ArrayList<>();
      read.forEach(rows::add);
      assertThat(Model.read(now.schema(), rows))
          .isEqualTo(at.model.shown(now.schema(), at.model.head));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
