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
  private static final int SPARSE = 8;
  private static final long[] PLACES = places();

  private final int rows;
  private final int count;
  private final int[] kept;
  private final IntArrays arrays;
  private final Map<Key, int[]> lists = new ConcurrentHashMap<>();

  private Selection(int rows, int count, int[] kept, IntArrays arrays) {
    this.rows = rows;
    this.count = count;
    this.kept = kept;
    this.arrays = arrays;
  }

  static Selection all(int rows) {
    return new Selection(rows, rows, new int[0], new IntArrays());
  }

  static Selection of(RowBits bits) {
    return of(bits, new IntArrays());
  }

  /** Valid until {@code arrays} are reset. */
  static Selection of(RowBits bits, IntArrays arrays) {
    int count = bits.count();
    if (count == bits.rows()) {
      return all(count);
    }
    // A word may write what it does not keep, behind what it keeps.
    int[] kept = arrays.take(count + Long.SIZE);
    int at = 0;
    for (int i = 0; i < (bits.rows() + 63) >>> 6; i++) {
      at = positions(bits.word(i), i << 6, kept, at);
    }
    return new Selection(bits.rows(), count, kept, arrays);
  }

  /** Appends the positions of the bits of {@code word} to {@code kept}; returns how many it has. */
  private static int positions(long word, int base, int[] kept, int from) {
    int at = from;
    if (Long.bitCount(word) <= SPARSE) {
      for (long left = word; left != 0; left &= left - 1) {
        kept[at++] = base + Long.numberOfTrailingZeros(left);
      }
      return at;
    }
    // Without branches: which bits are set is not to be foreseen.
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      int bits = (int) (word >>> shift) & 0xff;
      long places = PLACES[bits];
      int first = base + shift;
      kept[at + 7] = first + (int) (places >>> 56);
      kept[at] = first + (int) (places & 7);
      kept[at + 1] = first + (int) (places >>> 8 & 7);
      kept[at + 2] = first + (int) (places >>> 16 & 7);
      kept[at + 3] = first + (int) (places >>> 24 & 7);
      kept[at + 4] = first + (int) (places >>> 32 & 7);
      kept[at + 5] = first + (int) (places >>> 40 & 7);
      kept[at + 6] = first + (int) (places >>> 48 & 7);
      at += Integer.bitCount(bits);
    }
    return at;
  }

  /** For each byte the places of its bits, a byte each. */
  private static long[] places() {
    long[] places = new long[1 << Byte.SIZE];
    for (int bits = 0; bits < places.length; bits++) {
      int count = 0;
      for (int left = bits; left != 0; left &= left - 1) {
        places[bits] |= (long) Integer.numberOfTrailingZeros(left) << (Byte.SIZE * count++);
      }
    }
    return places;
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
    return new Selection(rows, inner.count, inner.kept, inner.arrays);
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
    return new Selection(to - from, part.length, part, new IntArrays());
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
    return new Selection(rows, slice.length, slice, new IntArrays());
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
    int size = key.high - key.low;
    int base = key.base;
    int[] list = arrays.take(size);
    System.arraycopy(kept, key.low, list, 0, size);
    for (int i = 0; i < size; i++) {
      list[i] -= base;
    }
    return list;
  }

  private record Key(int low, int high, int base) {}
}
