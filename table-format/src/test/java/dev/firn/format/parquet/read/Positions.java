package dev.firn.format.parquet.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;

/** Deleted positions of a file. */
final class Positions {
  private Positions() {}

  static PositionDeleteIndex of(List<Long> positions) {
    return Deletes.toPositionIndex(CloseableIterable.withNoopClose(positions));
  }

  /** The rows 0, {@code step}, 2 * {@code step} and so on. */
  static PositionDeleteIndex every(int step, int rows) {
    List<Long> positions = new ArrayList<>();
    for (long row = 0; row < rows; row += step) {
      positions.add(row);
    }
    return of(positions);
  }

  /** All rows but 30,000 to 30,099. */
  static PositionDeleteIndex runs(int rows) {
    List<Long> positions = new ArrayList<>();
    for (long row = 0; row < rows; row++) {
      if (row < 30_000 || row >= 30_100) {
        positions.add(row);
      }
    }
    return of(positions);
  }

  /** Some rows: none, few, many, all, or a run. */
  static PositionDeleteIndex random(Random random, int rows) {
    List<Long> positions = new ArrayList<>();
    int kind = random.nextInt(5);
    int start = random.nextInt(rows);
    int end = start + random.nextInt(rows - start) + 1;
    int each = List.of(1, 2, 10, 300, 1).get(kind);
    for (int row = 0; row < rows; row++) {
      boolean inRun = kind != 0 || row >= start && row < end;
      if (inRun && random.nextInt(each) == 0 && !(kind == 4 && row < start)) {
        positions.add((long) row);
      }
    }
    return of(positions);
  }
}
