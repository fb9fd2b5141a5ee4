package dev.firn.scan;

/**
 * One of equally large parts of all keys, by their hash. Immutable.
 *
 * @param count a power of two
 */
record HashPart(int index, int count) {
  static final HashPart ALL = new HashPart(0, 1);

  /** Past this, what one part holds is keys that repeat or that are very large. */
  private static final int MOST = 1 << 20;

  boolean has(long hash) {
    // The low bits place a key in its table.
    return ((int) (hash >>> 40) & (count - 1)) == index;
  }

  boolean canSplit() {
    return count < MOST;
  }

  HashPart lower() {
    return new HashPart(index, 2 * count);
  }

  HashPart upper() {
    return new HashPart(index + count, 2 * count);
  }

  /** How many parts there must be for each to have at most so many bytes of all. */
  static int countFor(long bytes, long most) {
    int count = 1;
    while (count < MOST && bytes / count > most) {
      count <<= 1;
    }
    return count;
  }
}
