package dev.firn.keyindex;

import java.util.Arrays;
import java.util.List;

/** Ranges of rows that no file has any more. Immutable. */
final class DeadRows {
  static final DeadRows NONE = new DeadRows(new long[0], new long[0]);

  private final long[] starts;
  private final long[] ends;

  private DeadRows(long[] starts, long[] ends) {
    this.starts = starts;
    this.ends = ends;
  }

  /** All rows up to {@code end} but those of {@code files}, which ascend. */
  static DeadRows allBut(List<FileSlot> files, long end) {
    long[] starts = new long[files.size() + 1];
    long[] ends = new long[files.size() + 1];
    int count = 0;
    long at = 0;
    for (FileSlot file : files) {
      if (file.base() > at) {
        starts[count] = at;
        ends[count++] = file.base();
      }
      at = file.base() + file.rows();
    }
    if (end > at) {
      starts[count] = at;
      ends[count++] = end;
    }
    return new DeadRows(Arrays.copyOf(starts, count), Arrays.copyOf(ends, count));
  }

  boolean contains(long row) {
    if (starts.length == 0) {
      return false;
    }
    int at = Arrays.binarySearch(starts, row);
    int range = at >= 0 ? at : -at - 2;
    return range >= 0 && row < ends[range];
  }
}
