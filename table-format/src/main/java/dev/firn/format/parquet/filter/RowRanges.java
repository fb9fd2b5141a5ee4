package dev.firn.format.parquet.filter;

import java.util.List;

/**
 * Rows of one row group as ascending, disjoint, non-empty ranges, counted from its first row.
 * Immutable.
 */
public record RowRanges(List<Range> ranges) {
  /** Rows {@code [from, to)}. */
  public record Range(long from, long to) {}

  public RowRanges {
    ranges = List.copyOf(ranges);
  }

  public static RowRanges all(long rows) {
    return new RowRanges(rows == 0 ? List.of() : List.of(new Range(0, rows)));
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }
}
