package dev.firn.scan;

/**
 * Keys of equality deletes, packed; null equals null. Filled by one thread, then read by any number
 * of them.
 */
sealed interface KeySet permits LongKeys, BytesKeys {
  /** How many different keys there are. */
  long size();

  /** The memory that it takes, in bytes. */
  long bytes();

  /** Adds the keys of another set of the same layout; false where they do not fit the bound. */
  boolean addAll(KeySet keys);

  /** Spreads the bits of a value over all bits. */
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
