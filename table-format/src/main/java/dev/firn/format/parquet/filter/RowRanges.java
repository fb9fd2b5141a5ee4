package dev.firn.format.parquet.filter;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of one row group as ascending, disjoint, non-empty ranges that do not touch, counted from
 * its first row. Immutable.
 */
public record RowRanges(List<Range> ranges) {
  private static final RowRanges NONE = new RowRanges(List.of());

  /** Rows {@code [from, to)}. */
  public record Range(long from, long to) {
    public Range {
      if (from < 0 || from >= to) {
        throw new IllegalArgumentException("Not a range of rows: [" + from + ", " + to + ")");
      }
    }
  }

  public RowRanges {
    ranges = List.copyOf(ranges);
    for (int i = 1; i < ranges.size(); i++) {
      if (ranges.get(i - 1).to() >= ranges.get(i).from()) {
        throw new IllegalArgumentException("Ranges of rows do not ascend: " + ranges);
      }
    }
  }

  public static RowRanges all(long rows) {
    return rows == 0 ? NONE : new RowRanges(List.of(new Range(0, rows)));
  }

  public static RowRanges none() {
    return NONE;
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** How many rows there are in all ranges. */
  public long rows() {
    return ranges.stream().mapToLong(range -> range.to() - range.from()).sum();
  }

  /** The rows in both. */
  public RowRanges and(RowRanges other) {
    List<Range> both = new ArrayList<>();
    int left = 0;
    int right = 0;
    while (left < ranges.size() && right < other.ranges.size()) {
      Range a = ranges.get(left);
      Range b = other.ranges.get(right);
      long from = Math.max(a.from(), b.from());
      long to = Math.min(a.to(), b.to());
      if (from < to) {
        both.add(new Range(from, to));
      }
      if (a.to() <= b.to()) {
        left++;
      } else {
        right++;
      }
    }
    return new RowRanges(both);
  }

  /** The rows in either. */
  public RowRanges or(RowRanges other) {
    Builder either = new Builder();
    int left = 0;
    int right = 0;
    while (left < ranges.size() || right < other.ranges.size()) {
      boolean fromLeft =
          right == other.ranges.size()
              || (left < ranges.size()
                  && ranges.get(left).from() <= other.ranges.get(right).from());
      Range next = fromLeft ? ranges.get(left++) : other.ranges.get(right++);
      either.add(next.from(), next.to());
    }
    return either.build();
  }

  /** Joins ranges that touch or overlap, given by ascending start: a builder. */
  static final class Builder {
    private final List<Range> ranges = new ArrayList<>();

    void add(long from, long to) {
      int last = ranges.size() - 1;
      if (from >= to) {
        return;
      }
      if (last >= 0 && ranges.get(last).to() >= from) {
        Range joined = new Range(ranges.get(last).from(), Math.max(ranges.get(last).to(), to));
        ranges.set(last, joined);
      } else {
        ranges.add(new Range(from, to));
      }
    }

    RowRanges build() {
      return new RowRanges(ranges);
    }
  }
}
