package dev.firn.scan;

/** Keys of one column of at most eight bytes: open addressing, at most half full. */
final class LongKeys implements KeySet {
  private static final int MOST_SLOTS = 1 << 28;
  private static final int FEWEST_SLOTS = 16;

  private final long maxBytes;
  private long[] slots;
  private int used;
  private boolean hasZero;
  private boolean hasNull;

  /** Starts with room for so many keys, if that is within the bound. */
  LongKeys(long expected, long maxBytes) {
    this.maxBytes = maxBytes;
    long slotCount = FEWEST_SLOTS;
    while (slotCount < 2 * expected && slotCount < MOST_SLOTS) {
      slotCount <<= 1;
    }
    this.slots = new long[8 * slotCount <= maxBytes ? (int) slotCount : FEWEST_SLOTS];
  }

  @Override
  public long size() {
    return (long) used + (hasZero ? 1 : 0) + (hasNull ? 1 : 0);
  }

  @Override
  public long bytes() {
    return 8L * slots.length;
  }

  void addNull() {
    hasNull = true;
  }

  boolean hasNull() {
    return hasNull;
  }

  /** False where it does not fit the bound. */
  boolean add(long key) {
    if (key == 0) { // which marks a slot that is free
      hasZero = true;
      return true;
    }
    int at = place(key);
    if (slots[at] == key) {
      return true;
    }
    if (2L * (used + 1) > slots.length) {
      if (!grow()) {
        return false;
      }
      at = place(key);
    }
    slots[at] = key;
    used++;
    return true;
  }

  boolean contains(long key) {
    return key == 0 ? hasZero : slots[place(key)] == key;
  }

  private int place(long key) {
    long[] table = slots;
    int mask = table.length - 1;
    int at = (int) KeySet.mix(key) & mask;
    while (table[at] != 0 && table[at] != key) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private boolean grow() {
    long[] old = slots;
    // Both tables are there at once.
    if (24L * old.length > maxBytes || old.length >= MOST_SLOTS) {
      return false;
    }
    slots = new long[2 * old.length];
    for (long key : old) {
      if (key != 0) {
        slots[place(key)] = key;
      }
    }
    return true;
  }

  @Override
  public boolean addAll(KeySet keys) {
    LongKeys others = (LongKeys) keys;
    hasNull |= others.hasNull;
    hasZero |= others.hasZero;
    for (long key : others.slots) {
      if (key != 0 && !add(key)) {
        return false;
      }
    }
    return true;
  }
}
