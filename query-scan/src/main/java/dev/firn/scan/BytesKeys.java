package dev.firn.scan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keys as bytes, one after the other in one array; a table of open addressing, at most half full,
 * holds half of each key's hash and its place.
 */
final class BytesKeys implements KeySet {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int MOST_BYTES = 1 << 30;

  private final long maxBytes;
  private long[] slots = new long[16];
  private byte[] keys = new byte[128];
  private int end;
  private int used;

  BytesKeys(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public long size() {
    return used;
  }

  @Override
  public long bytes() {
    return 8L * slots.length + keys.length;
  }

  static long hash(byte[] bytes, int from, int length) {
    long hash = length;
    int at = from;
    for (int stop = from + length - 7; at < stop; at += 8) {
      hash = KeySet.mix(hash ^ (long) LONGS.get(bytes, at)) + 0x9e3779b97f4a7c15L;
    }
    long rest = 0;
    for (; at < from + length; at++) {
      rest = rest << 8 | (bytes[at] & 0xff);
    }
    return KeySet.mix(hash ^ rest);
  }

  /** Adds the first bytes of an array, of that hash; false where they do not fit the bound. */
  boolean add(byte[] key, int length, long hash) {
    return add(key, 0, length, hash);
  }

  private boolean add(byte[] key, int from, int length, long hash) {
    int at = place(key, from, length, hash);
    if (slots[at] != 0) {
      return true;
    }
    if (!room(length + 4L)) {
      return false;
    }
    if (2L * (used + 1) > slots.length) {
      if (!grow()) {
        return false;
      }
      at = place(key, from, length, hash);
    }
    slots[at] = slot(hash, end);
    INTS.set(keys, end, length);
    System.arraycopy(key, from, keys, end + 4, length);
    end += length + 4;
    used++;
    return true;
  }

  boolean contains(byte[] key, int length, long hash) {
    return slots[place(key, 0, length, hash)] != 0;
  }

  /** Never 0, as places are given from 1 on. */
  private static long slot(long hash, int place) {
    return (hash & 0xffff_ffff_0000_0000L) | (place + 1);
  }

  private int place(byte[] key, int from, int length, long hash) {
    int mask = slots.length - 1;
    int at = (int) hash & mask;
    while (slots[at] != 0 && !is(slots[at], key, from, length, hash)) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private boolean is(long slot, byte[] key, int from, int length, long hash) {
    if ((slot ^ hash) >>> 32 != 0) {
      return false;
    }
    int place = (int) slot - 1;
    return (int) INTS.get(keys, place) == length
        && Arrays.equals(keys, place + 4, place + 4 + length, key, from, from + length);
  }

  private boolean room(long more) {
    if (end + more <= keys.length) {
      return true;
    }
    long size = Math.max(2L * keys.length, end + more);
    if (size > MOST_BYTES || bytes() + size > maxBytes) {
      return false;
    }
    keys = Arrays.copyOf(keys, (int) size);
    return true;
  }

  private boolean grow() {
    if (bytes() + 16L * slots.length > maxBytes) {
      return false;
    }
    slots = new long[2 * slots.length];
    for (int at = 0; at < end; ) {
      int length = (int) INTS.get(keys, at);
      long hash = hash(keys, at + 4, length);
      slots[place(keys, at + 4, length, hash)] = slot(hash, at);
      at += length + 4;
    }
    return true;
  }

  @Override
  public boolean addAll(KeySet others) {
    BytesKeys from = (BytesKeys) others;
    for (int at = 0; at < from.end; ) {
      int length = (int) INTS.get(from.keys, at);
      if (!add(from.keys, at + 4, length, hash(from.keys, at + 4, length))) {
        return false;
      }
      at += length + 4;
    }
    return true;
  }
}
