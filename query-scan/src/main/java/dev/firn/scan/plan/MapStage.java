package dev.firn.scan.plan;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A builder of the columns of one statistic: a {@link LongStage} per field id. */
final class MapStage {
  private final LongStage present = new LongStage();
  private final Map<Integer, Integer> slots = new HashMap<>();
  private int[] ids = new int[16];
  private LongStage[] stages = new LongStage[16];
  private int size;

  /** The row has a map, which may be empty. */
  void begin(int row) {
    present.put(row, 1);
  }

  /** Where the stage of a field is; {@code guess} is tried first. */
  int slot(int fieldId, int guess) {
    if (guess < size && ids[guess] == fieldId) {
      return guess;
    }
    Integer known = slots.get(fieldId);
    if (known != null) {
      return known;
    }
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size * 2);
      stages = Arrays.copyOf(stages, size * 2);
    }
    ids[size] = fieldId;
    stages[size] = new LongStage();
    slots.put(fieldId, size);
    return size++;
  }

  LongStage stage(int slot) {
    return stages[slot];
  }

  LongStage present() {
    return present;
  }

  /** The field ids that have a stage. */
  int[] ids() {
    return Arrays.copyOf(ids, size);
  }

  void clear(int row) {
    present.clear(row);
    for (int i = 0; i < size; i++) {
      stages[i].clear(row);
    }
  }

  void reset() {
    present.reset();
    for (int i = 0; i < size; i++) {
      stages[i].reset();
    }
  }
}
