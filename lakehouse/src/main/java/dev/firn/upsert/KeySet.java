package dev.firn.upsert;

import dev.firn.format.write.key.Keys;
import java.util.List;

/** Which keys of some batches have been seen. Confined to one thread; borrows the keys. */
final class KeySet {
  private final List<Keys> batches;
  private final long[] hashes;
  // Batch and row of the first one seen, plus one; 0 where a place is free.
  private final long[] places;
  private final int mask;

  /** Holds at most {@code most} keys. */
  KeySet(List<Keys> batches, int most) {
    this.batches = batches;
    int size = Integer.highestOneBit(Math.max(8, most)) * 4;
    if (size <= 0) {
      throw new IllegalArgumentException("Cannot hold so many keys: " + most);
    }
    this.hashes = new long[size];
    this.places = new long[size];
    this.mask = size - 1;
  }

  boolean contains(int batch, int row) {
    return places[find(batch, row, batches.get(batch).hash(row))] != 0;
  }

  /** Returns false where the key is there already. */
  boolean add(int batch, int row) {
    long hash = batches.get(batch).hash(row);
    int at = find(batch, row, hash);
    if (places[at] != 0) {
      return false;
    }
    hashes[at] = hash;
    places[at] = ((long) batch << 32 | row) + 1;
    return true;
  }

  private int find(int batch, int row, long hash) {
    int at = (int) hash & mask;
    while (places[at] != 0 && !(hashes[at] == hash && isKey(places[at] - 1, batch, row))) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private boolean isKey(long place, int batch, int row) {
    Keys other = batches.get((int) (place >>> 32));
    return batches.get(batch).compare(row, other, (int) place) == 0;
  }
}
