package dev.firn.it.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeScan;
import dev.firn.Lakehouse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of a table, by every way to change one, against a model of maps: every snapshot
 * that is retained reads back equal. The seeds are the same in each build; {@code
 * -Dfirn.history.seed=N} runs those from N on, {@code firn.history.runs} says how many, {@code
 * firn.history.steps} how long.
 */
class RandomHistoryIT {
  private static final int STEPS = Integer.getInteger("firn.history.steps", 30);

  @TempDir private Path directory;

  static LongStream seeds() {
    long first = Long.getLong("firn.history.seed", 1);
    return LongStream.range(first, first + Integer.getInteger("firn.history.runs", 6));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void readsBackWhatTheModelHolds(long seed) {
    Random random = new Random(seed);
    try (Lakehouse lake = Lakehouse.open(directory.resolve("lake"))) {
      RandomTable table = new RandomTable(lake, "a.t", random);
      RandomShape shape = new RandomShape(table);
      try {
        for (int step = 0; step < STEPS; step++) {
          step(table, shape);
          check(table);
        }
        checkAllPasts(table);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "-Dfirn.history.seed=" + seed + ": " + String.join(" | ", table.log), e);
      }
    }
  }

  private static void step(RandomTable table, RandomShape shape) {
    switch (table.random.nextInt(24)) {
      case 0, 1, 2, 3, 4 -> table.append();
      case 5, 6, 7 -> table.delete();
      case 8, 9 -> table.overwrite();
      case 10, 11 -> table.deleteByEquality();
      case 12, 13 -> table.deleteByPosition();
      case 14 -> shape.addColumn();
      case 15 -> shape.renameOrWiden();
      case 16 -> shape.dropColumn();
      case 17 -> shape.repartition();
      case 18 -> shape.branchOrTag();
      case 19 -> shape.rollback();
      case 20, 21, 22 -> shape.compact();
      default -> shape.expireOrUpgrade();
    }
  }

  private static void check(RandomTable at) {
    Model model = at.model;
    model.remember(at.table);
    compare(model, at.table.scan(), model.head);
    RandomPredicate where = at.predicate();
    compare(model, at.table.scan().where(where.expression()), model.matching(where));
    if (!model.pasts.isEmpty()) {
      Model.Past past = model.anyPast(at.random);
      compare(model, at.table.scan().asOfSnapshot(past.snapshot()), past.rows());
    }
    model.branches.forEach((branch, rows) -> compare(model, at.table.scan().ref(branch), rows));
    if (isRightInIceberg(at.table.iceberg())) {
      compareWithIceberg(at);
    }
    at.checkRowIds();
  }

  private static void checkAllPasts(RandomTable at) {
    at.model
        .pasts
        .values()
        .forEach(
            past -> compare(at.model, at.table.scan().asOfSnapshot(past.snapshot()), past.rows()));
    at.model.tags.forEach(
        (tag, snapshot) -> {
          Model.Past past = at.model.pasts.get(snapshot);
          if (past != null) {
            compare(at.model, at.table.scan().ref(tag), past.rows());
          }
        });
  }

  private static void compare(
      Model model, LakeScan scan, List<Map<Integer, @Nullable Object>> rows) {
    assertThat(Model.read(scan.schema(), scan.toList()))
        .isEqualTo(model.shown(scan.schema(), rows));
  }

  /** Iceberg's generic reader fails where an equality delete's column was dropped since (W3). */
  private static boolean isRightInIceberg(Table table) {
    return ForeignDeletes.plan(table).stream()
        .flatMap(task -> task.deletes().stream())
        .filter(delete -> delete.content() == FileContent.EQUALITY_DELETES)
        .map(DeleteFile::equalityFieldIds)
        .allMatch(ids -> ids.stream().allMatch(id -> table.schema().findField(id) != null));
  }

  private static void compareWithIceberg(RandomTable at) {
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
