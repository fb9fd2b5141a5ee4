package dev.firn.format.parquet.write;

import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;

/**
 * The levels of a nested leaf for some rows, and the slots of its values that are not null: the
 * rows' entries are expanded and marked vector by vector, from the top down. Reused.
 */
final class Leveler {
  private static final int ENDED = -1;

  // Of each entry: its slot in the vector reached so far, or that it ended above.
  private int[] slots = new int[0];
  private byte[] definitions = new byte[0];
  private byte[] repetitions = new byte[0];
  private int entries;
  private int values;
  private int[] nextSlots = new int[0];
  private byte[] nextDefinitions = new byte[0];
  private byte[] nextRepetitions = new byte[0];

  /** Levels of the {@code rows} rows from {@code from}; a null that may not be is an exception. */
  void expand(Leaf leaf, FieldVector[] vectors, int from, int rows) throws NullFoundException {
    room(rows);
    for (int i = 0; i < rows; i++) {
      slots[i] = from + i;
    }
    Arrays.fill(definitions, 0, rows, (byte) 0);
    Arrays.fill(repetitions, 0, rows, (byte) 0);
    entries = rows;
    for (int s = 0; s < vectors.length; s++) {
      Leaf.Step step = leaf.steps().get(s);
      if (step.kind() != Leaf.Step.Kind.ENTRIES) {
        validate(step, vectors[s], from);
      }
      if (step.kind() == Leaf.Step.Kind.LIST) {
        lists(vectors[s].getOffsetBuffer().memoryAddress(), step.repetition());
      }
    }
    values = 0;
    for (int i = 0; i < entries; i++) {
      if (slots[i] != ENDED) {
        slots[values++] = slots[i];
      }
    }
  }

  private void validate(Leaf.Step step, FieldVector vector, int from) throws NullFoundException {
    byte valid = (byte) (step.optional() ? 1 : 0);
    if (vector.getValidityBuffer().capacity() == 0) {
      for (int i = 0; i < entries; i++) {
        definitions[i] += slots[i] == ENDED ? 0 : valid;
      }
      return;
    }
    long bitmap = vector.getValidityBuffer().memoryAddress();
    for (int i = 0; i < entries; i++) {
      int slot = slots[i];
      if (slot == ENDED) {
        continue;
      }
      if (Bits.get(bitmap, slot)) {
        definitions[i] += valid;
      } else if (step.optional()) {
        slots[i] = ENDED;
      } else {
        throw new NullFoundException(step.name(), from + rowOf(i));
      }
    }
  }

  private int rowOf(int entry) {
    int row = -1;
    for (int i = 0; i <= entry; i++) {
      if (repetitions[i] == 0) {
        row++;
      }
    }
    return row;
  }

  private void lists(long offsets, int repetition) {
    long most = 0;
    for (int i = 0; i < entries; i++) {
      int slot = slots[i];
      most += slot == ENDED ? 1 : Math.max(1, length(offsets, slot));
    }
    nextRoom(Math.toIntExact(most));
    int n = 0;
    for (int i = 0; i < entries; i++) {
      int slot = slots[i];
      int length = slot == ENDED ? 0 : length(offsets, slot);
      nextDefinitions[n] = definitions[i];
      nextRepetitions[n] = repetitions[i];
      if (length == 0) {
        nextSlots[n++] = ENDED;
        continue;
      }
      int first = MemoryUtil.getInt(offsets + 4L * slot);
      byte definition = (byte) (definitions[i] + 1);
      Arrays.fill(nextDefinitions, n, n + length, definition);
      Arrays.fill(nextRepetitions, n + 1, n + length, (byte) repetition);
      for (int k = 0; k < length; k++) {
        nextSlots[n + k] = first + k;
      }
      n += length;
    }
    swap(n);
  }

  private static int length(long offsets, int slot) {
    long at = offsets + 4L * slot;
    return MemoryUtil.getInt(at + 4) - MemoryUtil.getInt(at);
  }

  private void swap(int n) {
    int[] oldSlots = slots;
    byte[] oldDefinitions = definitions;
    byte[] oldRepetitions = repetitions;
    slots = nextSlots;
    definitions = nextDefinitions;
    repetitions = nextRepetitions;
    nextSlots = oldSlots;
    nextDefinitions = oldDefinitions;
    nextRepetitions = oldRepetitions;
    entries = n;
  }

  private void room(int n) {
    if (slots.length < n) {
      slots = new int[n];
      definitions = new byte[n];
      repetitions = new byte[n];
    }
  }

  private void nextRoom(int n) {
    if (nextSlots.length < n) {
      nextSlots = new int[n];
      nextDefinitions = new byte[n];
      nextRepetitions = new byte[n];
    }
  }

  /** How many pairs of levels there are: values, nulls, and empty lists. */
  int entries() {
    return entries;
  }

  byte[] definitions() {
    return definitions;
  }

  byte[] repetitions() {
    return repetitions;
  }

  /** The slots of the values that are not null, of which {@link #values()} hold. */
  int[] slots() {
    return slots;
  }

  int values() {
    return values;
  }

  long heapBytes() {
    return 6L * (slots.length + nextSlots.length);
  }

  /** Where the elements of row {@code row} start among the slots of the leaf's vector. */
  static int firstSlot(Leaf leaf, FieldVector[] vectors, int row) {
    int slot = row;
    for (int s = 0; s < vectors.length; s++) {
      if (leaf.steps().get(s).kind() == Leaf.Step.Kind.LIST) {
        ArrowBuf offsets = vectors[s].getOffsetBuffer();
        if (offsets.capacity() == 0) {
          // Lists below lists that are all empty: there is nothing, not even the first offset.
          return 0;
        }
        slot = MemoryUtil.getInt(offsets.memoryAddress() + 4L * slot);
      }
    }
    return slot;
  }
}
