package dev.firn.format.parquet.read;

import dev.firn.format.parquet.filter.RowBits;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Rows kept of a run of rows, ascending. Immutable, so that columns may share it between threads;
 * whoever makes one gives its array away.
 */
final class Selection {
  private static final int DENSE = 24;

  private final int rows;
  private final int count;
  private final int[] kept;
  private final Map<Key, int[]> lists = new ConcurrentHashMap<>();

  private Selection(int rows, int count, int[] kept) {
    this.rows = rows;
    this.count = count;
    this.kept = kept;
  }

  static Selection all(int rows) {
    return new Selection(rows, rows, new int[0]);
  }

  /** The {@code count} first of {@code kept}. */
  static Selection of(int rows, int[] kept, int count) {
    return count == rows ? all(rows) : new Selection(rows, count, kept);
  }

  static Selection of(RowBits bits) {
    int count = bits.count();
    if (count == bits.rows()) {
      return all(count);
    }
    // A word may write what it does not keep, behind what it keeps.
    int[] kept = new int[count + Long.SIZE];
    int at = 0;
    for (int i = 0; i < (bits.rows() + 63) >>> 6; i++) {
      at = positions(bits.word(i), i << 6, kept, at);
    }
    return new Selection(bits.rows(), count, kept);
  }

  /** Appends the positions of the bits of {@code word} to {@code kept}; returns how many it has. */
  private static int positions(long word, int base, int[] kept, int from) {
    int at = from;
    if (Long.bitCount(word) > DENSE) {
      // Without branches: which bits are set is not to be foreseen.
      for (int bit = 0; bit < Long.SIZE; bit++) {
        kept[at] = base + bit;
        at += (int) (word >>> bit) & 1;
      }
      return at;
    }
    for (long left = word; left != 0; left &= left - 1) {
      kept[at++] = base + Long.numberOfTrailingZeros(left);
    }
    return at;
  }

  /** Rows to choose from. */
  int rows() {
    return rows;
  }

  /** Rows kept. */
  int count() {
    return count;
  }

  boolean isAll() {
    return count == rows;
  }

  /** The {@code index}-th row kept. */
  int row(int index) {
    return isAll() ? index : kept[index];
  }

  /** Up to which kept row, {@code limit} at most, rows from the {@code from}-th on have no gap. */
  int runEnd(int from, int limit) {
    if (isAll()) {
      return limit;
    }
    int gaps = kept[from] - from;
    int low = from + 1;
    int step = 1;
    while (low + step <= limit && kept[low + step - 1] - (low + step - 1) == gaps) {
      low += step;
      step <<= 1;
    }
    int high = Math.min(limit, low + step - 1);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (kept[middle] - middle == gaps) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How many rows before {@code row} are kept. */
  int rank(int row) {
    if (isAll()) {
      return row;
    }
    int at = Arrays.binarySearch(kept, 0, count, row);
    return at < 0 ? -at - 1 : at;
  }

  /** Those of the kept rows whose bit is set, {@code bits} counting kept rows. */
  Selection narrowed(RowBits bits) {
    Selection inner = of(bits);
    if (inner.isAll()) {
      return this;
    }
    if (!isAll()) {
      for (int i = 0; i < inner.count; i++) {
        inner.kept[i] = kept[inner.kept[i]];
      }
    }
    return new Selection(rows, inner.count, inner.kept);
  }

  /** The part of rows {@code [from, to)}, counted from {@code from}. */
  Selection part(int from, int to) {
    if (from == 0 && to == rows) {
      return this;
    }
    int low = rank(from);
    int high = rank(to);
    if (high - low == to - from) {
      return all(to - from);
    }
    int[] part = new int[high - low];
    for (int i = low; i < high; i++) {
      part[i - low] = kept[i] - from;
    }
    return new Selection(to - from, part.length, part);
  }

  /** The kept rows, {@code [low, high)} of them. */
  Selection slice(int low, int high) {
    if (isAll() && low == 0 && high == count) {
      return this;
    }
    int[] slice = new int[high - low];
    for (int i = low; i < high; i++) {
      slice[i - low] = row(i);
    }
    return new Selection(rows, slice.length, slice);
  }

  /** The kept rows; not for one that keeps all. */
  int[] toArray() {
    return Arrays.copyOf(kept, count);
  }

  /**
   * Kept rows {@code [low, high)}, counted from row {@code base}; not to be changed. Not for one
   * that keeps all. Pages of different columns often start with the same row, so lists are kept.
   */
  int[] positions(int low, int high, int base) {
    if (low == 0 && high == count && base == 0) {
      return kept;
    }
    return lists.computeIfAbsent(new Key(low, high, base), this::list);
  }

  private int[] list(Key key) {
    int[] list = new int[key.high - key.low];
    for (int i = 0; i < list.length; i++) {
      list[i] = kept[key.low + i] - key.base;
    }
    return list;
  }

  private record Key(int low, int high, int base) {}
}
