package dev.firn.keyindex;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.jspecify.annotations.Nullable;

/**
 * The numbering of the rows of all files: a file's rows are numbered in one go, and numbers are
 * never given again. Confined to one thread.
 */
final class FileNumbers {
  private final List<FileSlot> slots = new ArrayList<>();
  private final Map<String, FileSlot> byLocation = new HashMap<>();
  private long next;

  /** Returns the number of the next row. */
  long next() {
    return next;
  }

  /** Numbers a file, which is not known before {@link #add}. */
  FileSlot number(DataFile file) {
    FileSlot slot = new FileSlot(file.location(), next, file.recordCount(), file.fileSizeInBytes());
    next += file.recordCount();
    return slot;
  }

  /** Takes files whose rows are all in the runs, in the order of their numbers. */
  void add(Collection<FileSlot> files) {
    for (FileSlot slot : files) {
      slots.add(slot);
      byLocation.put(slot.location(), slot);
      next = Math.max(next, slot.base() + slot.rows());
    }
  }

  /** No number below {@code number} is given from here on. */
  void startAt(long number) {
    next = Math.max(next, number);
  }

  @Nullable FileSlot at(String location) {
    return byLocation.get(location);
  }

  /** Returns the file that has a row of this number; null: none has it any more. */
  @Nullable FileSlot of(long row) {
    int low = 0;
    int high = slots.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (slots.get(middle).base() <= row) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    FileSlot slot = high < 0 ? null : slots.get(high);
    return slot == null || row >= slot.base() + slot.rows() ? null : slot;
  }

  /** Forgets the numbers of files that are not live, and says which rows are left. */
  DeadRows retire() {
    slots.removeIf(
        slot -> {
          boolean dead = !slot.isLive() || byLocation.get(slot.location()) != slot;
          if (dead) {
            byLocation.remove(slot.location(), slot);
          }
          return dead;
        });
    return DeadRows.allBut(slots, next);
  }

  List<FileSlot> slots() {
    return Collections.unmodifiableList(slots);
  }
}
