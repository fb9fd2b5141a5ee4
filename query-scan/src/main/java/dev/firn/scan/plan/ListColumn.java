package dev.firn.scan.plan;

import org.jspecify.annotations.Nullable;

/** Lists of numbers of the rows of a chunk. Immutable. */
final class ListColumn {
  /** How many the rows have; absent where there is no list. */
  private final LongColumn counts;

  /** Where the lists end; null where all rows have as many. */
  private final @Nullable LongColumn ends;

  private final @Nullable LongColumn values;

  private ListColumn(LongColumn counts, @Nullable LongColumn ends, @Nullable LongColumn values) {
    this.counts = counts;
    this.ends = ends;
    this.values = values;
  }

  /**
   * Packs lists.
   *
   * @param counts how many each row has
   * @param values of all rows, in order; of which there are {@code total}
   */
  static @Nullable ListColumn of(LongStage counts, LongStage values, int total, int rows) {
    LongColumn packed = counts.column(rows);
    if (packed == null) {
      return null;
    }
    LongColumn ends = null;
    if (packed.hasNulls() || packed.min() != packed.max()) {
      long[] sums = new long[rows];
      long sum = 0;
      for (int row = 0; row < rows; row++) {
        sum += packed.isNull(row) ? 0 : packed.get(row);
        sums[row] = sum;
      }
      ends = LongColumn.of(sums, null, rows);
    }
    return new ListColumn(packed, ends, values.column(total));
  }

  long @Nullable [] get(int row) {
    if (counts.isNull(row)) {
      return null;
    }
    int count = counts.getInt(row);
    long[] list = new long[count];
    int start = ends == null ? row * count : ends.getInt(row) - count;
    for (int i = 0; i < count && values != null; i++) {
      list[i] = values.get(start + i);
    }
    return list;
  }

  long weight() {
    return 32
        + counts.weight()
        + (ends == null ? 0 : ends.weight())
        + (values == null ? 0 : values.weight());
  }
}
