package dev.firn.bench.measure;

import java.util.List;

/**
 * What rows are, whatever their order: how many, a sum of hashes per column, and one over whole
 * rows. Two sides that read the same rows have equal digests, whether they yield records or
 * batches; integers of any width, dates (days) and timestamps (microseconds) hash as numbers.
 */
public record Digest(long rows, List<Long> columns, long wholeRows) {
  private static final long NULL = 0x9E3779B97F4A7C15L;
  private static final long PRIME = 0xff51afd7ed558ccdL;

  public Digest {
    columns = List.copyOf(columns);
  }

  static long ofNull() {
    return NULL;
  }

  static long ofLong(long value) {
    return mix(value);
  }

  static long ofDouble(double value) {
    return mix(Double.doubleToLongBits(value));
  }

  /** The start of a hash over bytes, to which words are added. */
  static long ofLength(int bytes) {
    return mix(bytes + PRIME);
  }

  static long add(long hash, long word) {
    return mix(hash * 31 + word);
  }

  /** The splitmix64 finaliser. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
