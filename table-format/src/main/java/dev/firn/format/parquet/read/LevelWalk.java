package dev.firn.format.parquet.read;

import org.apache.arrow.memory.util.MemoryUtil;

/** What level pairs say of vectors: validity and offsets. Stateless. */
final class LevelWalk {
  private LevelWalk() {}

  /**
   * Writes a bit for each pair whose definition level is at least {@code slotDef}: whether it is at
   * least {@code def}. For leaves, each of whose pairs that is not above them is a slot.
   */
  static void validity(short[] levels, int count, int slotDef, int def, long bits) {
    int slot = 0;
    long word = 0;
    for (int i = 0; i < count; i++) {
      if (levels[i] < slotDef) {
        continue;
      }
      word |= (levels[i] >= def ? 1L : 0L) << slot;
      if ((++slot & 63) == 0) {
        MemoryUtil.putLong(bits + ((slot >>> 3) - Long.BYTES), word);
        word = 0;
      }
    }
    last(bits, slot, word);
  }

  /** As {@link #validity}, where further pairs of the same slot have a repetition level above. */
  static int validity(NestedLeaf leaf, Shape shape, long bits) {
    short[] def = leaf.definition();
    short[] rep = leaf.repetition();
    boolean repeats = leaf.stored().maxRep() > shape.rep();
    int slot = 0;
    long word = 0;
    for (int i = 0; i < leaf.levels(); i++) {
      if (def[i] < shape.slotDef() || (repeats && rep[i] > shape.rep())) {
        continue;
      }
      word |= (def[i] >= shape.def() ? 1L : 0L) << slot;
      if ((++slot & 63) == 0) {
        MemoryUtil.putLong(bits + ((slot >>> 3) - Long.BYTES), word);
        word = 0;
      }
    }
    last(bits, slot, word);
    return slot;
  }

  /** How many slots a field of {@code shape} has. */
  static int slots(NestedLeaf leaf, Shape shape) {
    short[] def = leaf.definition();
    short[] rep = leaf.repetition();
    boolean repeats = leaf.stored().maxRep() > shape.rep();
    int slots = 0;
    for (int i = 0; i < leaf.levels(); i++) {
      slots += def[i] >= shape.slotDef() && !(repeats && rep[i] > shape.rep()) ? 1 : 0;
    }
    return slots;
  }

  /**
   * Writes where each list of {@code shape} starts, and the end; returns that, or -1 where a level
   * pair goes on with a list that has no element yet.
   */
  static int offsets(NestedLeaf leaf, Shape shape, long offsets) {
    short[] def = leaf.definition();
    short[] rep = leaf.repetition();
    int elementRep = shape.rep() + 1;
    int elementDef = shape.def() + 1;
    boolean repeats = leaf.stored().maxRep() > elementRep;
    long at = offsets;
    int elements = 0;
    int start = 0;
    for (int i = 0; i < leaf.levels(); i++) {
      if (repeats && rep[i] > elementRep) {
        continue;
      }
      boolean element = def[i] >= elementDef;
      if (rep[i] > shape.rep()) {
        if (!element || elements == start) {
          return -1;
        }
      } else {
        start = elements;
        if (def[i] >= shape.slotDef()) {
          MemoryUtil.putInt(at, elements);
          at += Integer.BYTES;
        }
      }
      elements += element ? 1 : 0;
    }
    MemoryUtil.putInt(at, elements);
    return elements;
  }

  /**
   * Whether two columns agree on a group that both are in, and on all above it: {@code shape} is
   * the group's.
   */
  static boolean agree(NestedLeaf one, NestedLeaf other, Shape shape) {
    int i = next(one, 0, shape.rep());
    int j = next(other, 0, shape.rep());
    while (i < one.levels() && j < other.levels()) {
      boolean same =
          one.repetition()[i] == other.repetition()[j]
              && Math.min(one.definition()[i], shape.def())
                  == Math.min(other.definition()[j], shape.def());
      if (!same) {
        return false;
      }
      i = next(one, i + 1, shape.rep());
      j = next(other, j + 1, shape.rep());
    }
    return i >= one.levels() && j >= other.levels();
  }

  private static int next(NestedLeaf leaf, int from, int rep) {
    int at = from;
    while (at < leaf.levels() && leaf.repetition()[at] > rep) {
      at++;
    }
    return at;
  }

  private static void last(long bits, int slot, long word) {
    if ((slot & 63) != 0) {
      MemoryUtil.putLong(bits + (slot >>> 6 << 3), word);
    }
  }
}
