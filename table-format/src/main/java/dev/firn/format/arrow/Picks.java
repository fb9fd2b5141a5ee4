package dev.firn.format.arrow;

import java.util.Objects;

/** Which rows to gather, and from which sources. Immutable as far as the array is. */
final class Picks {
  private final long[] rows;
  private final int from;
  private final int count;

  private Picks(long[] rows, int from, int count) {
    this.rows = rows;
    this.from = from;
    this.count = count;
  }

  static Picks of(long[] rows, int from, int count) {
    Objects.checkFromIndexSize(from, count, rows.length);
    return new Picks(rows, from, count);
  }

  /** The picks, of which {@link #count} from index {@link #from} on are meant. */
  long[] rows() {
    return rows;
  }

  int from() {
    return from;
  }

  int count() {
    return count;
  }

  /** Proves every pick to lie within its source, so that the loops need not. */
  void check(int[] valueCounts) {
    for (int i = from; i < from + count; i++) {
      int source = (int) (rows[i] >>> 32);
      int row = (int) rows[i];
      if (source >= valueCounts.length || row < 0 || row >= valueCounts[source]) {
        throw new IndexOutOfBoundsException("no row " + row + " in source " + source);
      }
    }
  }
}
