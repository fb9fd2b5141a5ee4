package dev.firn.format.write.spill;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The rows of a buffer in order of partition, then of sort key, then of arrival: picks into its
 * batches. Immutable as far as the arrays are.
 */
public final class OrderedRows {
  private final long[] picks;
  private final int[] partitions;
  private final int[] ends;

  /**
   * {@code partitions} are those that have rows, ascending; {@code ends} is where each one's picks
   * end, which start where those of the one before end.
   */
  OrderedRows(long[] picks, int[] partitions, int[] ends) {
    this.picks = picks;
    this.partitions = partitions;
    this.ends = ends;
  }

  long[] picks() {
    return picks;
  }

  /** How many rows there are. */
  int rowCount() {
    return picks.length;
  }

  /** How many partitions there are. */
  public int size() {
    return partitions.length;
  }

  /** The number of the {@code index}-th partition. */
  public int partition(int index) {
    return partitions[index];
  }

  /** Where the picks of the {@code index}-th partition start. */
  public int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  /** Where the picks of the {@code index}-th partition end. */
  public int end(int index) {
    return ends[index];
  }

  /** How many rows the {@code index}-th partition has. */
  public int rows(int index) {
    return ends[index] - start(index);
  }

  /** The rows of some partitions, in the same order. */
  public OrderedRows only(BitSet kept) {
    if (kept.cardinality() == partitions.length) {
      return this;
    }
    int[] some = new int[kept.cardinality()];
    int[] someEnds = new int[some.length];
    long[] somePicks = new long[picks.length];
    int rows = 0;
    int at = 0;
    for (int i = 0; i < partitions.length; i++) {
      if (kept.get(partitions[i])) {
        System.arraycopy(picks, start(i), somePicks, rows, rows(i));
        rows += rows(i);
        some[at] = partitions[i];
        someEnds[at++] = rows;
      }
    }
    return new OrderedRows(Arrays.copyOf(somePicks, rows), some, someEnds);
  }
}
