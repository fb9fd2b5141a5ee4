package dev.firn.format.write.spill;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The rows of a buffer in order of partition, then of sort key, then of arrival: picks into its
 * batches. Immutable as far as the arrays are.
 *
 * @param partitions the partitions that have rows, ascending
 * @param ends where each one's picks end; they start where those of the one before end
 */
public record OrderedRows(long[] picks, int[] partitions, int[] ends) {
  /** How many partitions there are. */
  public int size() {
    return partitions.length;
  }

  /** Where the picks of the {@code index}-th partition start. */
  public int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
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

  /** How many rows the {@code index}-th partition has. */
  public int rows(int index) {
    return ends[index] - start(index);
  }
}
