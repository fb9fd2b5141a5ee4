package dev.firn.scan.change;

import dev.firn.format.arrow.ArrowTake;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** Rows by key, of which each is matched once: a hash table. Confined to one thread. */
final class KeyTable {
  private final RowKey key;
  private final List<VectorSchemaRoot> rows;
  private final int[] firstRow;
  private final int[] heads;
  private final int[] next;
  private final int[] hashes;
  private final BitSet matched = new BitSet();
  private final List<RowKey.Comparison> comparisons = new ArrayList<>();
  private @Nullable VectorSchemaRoot compared;

  KeyTable(RowKey key, List<VectorSchemaRoot> rows) {
    this.key = key;
    this.rows = rows;
    this.firstRow = new int[rows.size() + 1];
    for (int i = 0; i < rows.size(); i++) {
      firstRow[i + 1] = Math.addExact(firstRow[i], rows.get(i).getRowCount());
    }
    int count = firstRow[rows.size()];
    this.heads = new int[Math.max(16, Integer.highestOneBit(Math.max(1, count)) * 2)];
    this.next = new int[count];
    this.hashes = new int[count];
    // From the last to the first, so that chains are in order of arrival.
    for (int i = rows.size() - 1; i >= 0; i--) {
      for (int row = rows.get(i).getRowCount() - 1; row >= 0; row--) {
        insert(firstRow[i] + row, key.hash(rows.get(i), row));
      }
    }
  }

  private void insert(int number, int hash) {
    int slot = slot(hash);
    hashes[number] = hash;
    next[number] = heads[slot];
    heads[slot] = number + 1;
  }

  private int slot(int hash) {
    int mixed = hash * 0x9E3779B9;
    return (mixed ^ mixed >>> 15) & (heads.length - 1);
  }

  /** A row that was found, by its pick among the table's batches. */
  record Found(long pick, Likeness likeness) {}

  /** Finds and takes the row most like this one; null where there is none. */
  @Nullable Found take(VectorSchemaRoot after, int row) {
    if (after != compared) {
      comparisons.clear();
      rows.forEach(each -> comparisons.add(key.comparison(each, after)));
      compared = after;
    }
    int hash = key.hash(after, row);
    int updated = -1;
    for (int at = heads[slot(hash)] - 1; at >= 0; at = next[at] - 1) {
      if (hashes[at] != hash || matched.get(at)) {
        continue;
      }
      int batch = batch(at);
      Likeness likeness = comparisons.get(batch).of(at - firstRow[batch], row);
      if (likeness == Likeness.SAME) {
        return found(at, batch, likeness);
      }
      if (likeness == Likeness.UPDATED && updated < 0) {
        updated = at;
      }
    }
    return updated < 0 ? null : found(updated, batch(updated), Likeness.UPDATED);
  }

  private Found found(int number, int batch, Likeness likeness) {
    matched.set(number);
    return new Found(ArrowTake.pick(batch, number - firstRow[batch]), likeness);
  }

  private int batch(int number) {
    int low = 0;
    int high = rows.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (firstRow[middle] <= number) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The rows of a batch that were not taken, as picks into that batch alone. */
  long[] unmatched(int batch) {
    long[] picks = new long[rows.get(batch).getRowCount()];
    int count = 0;
    for (int row = 0; row < picks.length; row++) {
      if (!matched.get(firstRow[batch] + row)) {
        picks[count++] = ArrowTake.pick(0, row);
      }
    }
    return java.util.Arrays.copyOf(picks, count);
  }
}
