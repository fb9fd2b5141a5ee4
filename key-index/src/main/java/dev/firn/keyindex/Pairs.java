package dev.firn.keyindex;

import java.util.Arrays;

/** Pairs of a hash and a row, in arrays that grow: a builder. Confined to one thread. */
final class Pairs {
  long[] hashes;
  long[] rows;
  int size;

  Pairs(int capacity) {
    this.hashes = new long[capacity];
    this.rows = new long[capacity];
  }

  void add(long hash, long row) {
    if (size == hashes.length) {
      ensure(size + 1);
    }
    hashes[size] = hash;
    rows[size++] = row;
  }

  /** Makes room for {@code capacity} pairs in all. */
  void ensure(int capacity) {
    if (capacity > hashes.length) {
      int grown = (int) Math.min(Integer.MAX_VALUE - 16L, Math.max(capacity, hashes.length * 2L));
      hashes = Arrays.copyOf(hashes, grown);
      rows = Arrays.copyOf(rows, grown);
    }
  }
}
