package dev.firn.keyindex;

/**
 * How the entries of a run are packed. Immutable.
 *
 * <p>The highest {@code slabBits} bits of a hash choose the slab, the next {@code bucketBits} the
 * bucket in it; neither is stored. An entry is the rest of the hash and then, right above it, the
 * row less {@code firstRow} in {@link #rowBits} bits, little-endian, in whole bytes.
 */
record RunShape(int slabBits, int bucketBits, long firstRow, long lastRow) {
  private static final int MOST_BUCKET_BITS = 26;
  private static final int MOST_ROW_BITS = 56;

  RunShape {
    if (slabBits < 0
        || slabBits > 24
        || bucketBits < 0
        || bucketBits > MOST_BUCKET_BITS
        || firstRow < 0
        || lastRow < firstRow
        || rowBits(firstRow, lastRow) > MOST_ROW_BITS) {
      throw new IllegalArgumentException(
          "no shape: " + slabBits + ", " + bucketBits + ", " + firstRow + ", " + lastRow);
    }
  }

  /**
   * Returns the shape for at most {@code entries} entries of rows from {@code firstRow} to {@code
   * lastRow}: some 8 to 16 entries a bucket, slabs of about {@code slabBytes} or less.
   */
  static RunShape of(long entries, long firstRow, long lastRow, long slabBytes) {
    int rowBits = rowBits(firstRow, lastRow);
    int bits = Math.max(0, Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(1, entries)) - 3);
    long bytes = entries * ((Long.SIZE - bits + rowBits + 7) / 8);
    int slabBits = 0;
    while (slabBits < 24
        && ((bytes >>> slabBits) > slabBytes || bits - slabBits > MOST_BUCKET_BITS)) {
      slabBits++;
    }
    return new RunShape(slabBits, Math.max(0, bits - slabBits), firstRow, lastRow);
  }

  private static int rowBits(long firstRow, long lastRow) {
    return Long.SIZE - Long.numberOfLeadingZeros(lastRow - firstRow);
  }

  int rowBits() {
    return rowBits(firstRow, lastRow);
  }

  int slabs() {
    return 1 << slabBits;
  }

  int buckets() {
    return 1 << bucketBits;
  }

  int slab(long hash) {
    return slabBits == 0 ? 0 : (int) (hash >>> (Long.SIZE - slabBits));
  }

  int bucket(long hash) {
    return bucketBits == 0 ? 0 : (int) ((hash << slabBits) >>> (Long.SIZE - bucketBits));
  }

  int restBits() {
    return Long.SIZE - slabBits - bucketBits;
  }

  long restMask() {
    return restBits() == Long.SIZE ? -1 : (1L << restBits()) - 1;
  }

  /** Returns the bits of a hash that its bucket gives. */
  long prefix(int slab, int bucket) {
    long bits = ((long) slab << bucketBits) | bucket;
    return restBits() == Long.SIZE ? 0 : bits << restBits();
  }

  /** Bytes of an entry. */
  int width() {
    return (restBits() + rowBits() + 7) / 8;
  }
}
