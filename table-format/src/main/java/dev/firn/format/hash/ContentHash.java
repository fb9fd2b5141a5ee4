package dev.firn.format.hash;

import dev.firn.error.FirnException;

/**
 * What a multiset of rows holds: how many they are, and the sum of a 128-bit hash of each. Two
 * multisets with equal hashes are taken to be equal; order, files, encodings and batches make no
 * difference. Immutable.
 *
 * @param rows how many
 * @param high the upper half of the sum
 * @param low the lower half of the sum
 */
public record ContentHash(long rows, long high, long low) {
  public static final ContentHash EMPTY = new ContentHash(0, 0, 0);

  /** The hash of both multisets together. */
  public ContentHash plus(ContentHash other) {
    long sum = low + other.low;
    long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    return new ContentHash(rows + other.rows, high + other.high + carry, sum);
  }

  /** As {@link #parse} takes it: rows, a colon, and 32 hexadecimal digits. */
  @Override
  public String toString() {
    return "%d:%016x%016x".formatted(rows, high, low);
  }

  /** Returns the hash that {@link #toString} gave. */
  public static ContentHash parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 2
        || !parts[0].matches("[0-9]{1,18}")
        || !parts[1].matches("[0-9a-f]{32}")) {
      throw FirnException.invalid(
          "Cannot read a content hash: expected ROWS:32 hexadecimal digits, got '" + text + "'");
    }
    return new ContentHash(
        Long.parseLong(parts[0]),
        Long.parseUnsignedLong(parts[1].substring(0, 16), 16),
        Long.parseUnsignedLong(parts[1].substring(16), 16));
  }
}
