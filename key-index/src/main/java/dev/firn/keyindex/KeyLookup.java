package dev.firn.keyindex;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.deletes.PositionDeleteIndex;

/**
 * Looks for a batch of keys: their hashes are sorted and found in the runs, and what is found is
 * taken file by file: is the file live, is the row, and is it that key. Confined to one thread.
 */
final class KeyLookup {
  private final KeyLayout layout;
  private final FileNumbers numbers;
  private final FileTasks tasks;
  private final RowMarks marks;
  private final DeletedKeys deletedKeys;
  private final RowReads reads;
  private final HashSort sort = new HashSort();

  KeyLookup(
      KeyLayout layout,
      FileNumbers numbers,
      FileTasks tasks,
      RowMarks marks,
      DeletedKeys deletedKeys,
      RowReads reads) {
    this.layout = layout;
    this.numbers = numbers;
    this.tasks = tasks;
    this.marks = marks;
    this.deletedKeys = deletedKeys;
    this.reads = reads;
  }

  void find(KeyColumns keys, int count, KeyRuns runs, KeyHits hits) {
    Pairs wanted = sorted(keys, count);
    // Rows are in the place of hashes here, and numbers of keys in that of rows.
    Pairs found = new Pairs(2 * count + 16);
    runs.find(wanted, found);
    sort.sort(found.hashes, found.rows, found.size, Long.SIZE);
    int from = 0;
    while (from < found.size) {
      FileSlot slot = numbers.of(found.hashes[from]);
      int to = from + 1;
      if (slot != null) {
        long end = slot.base() + slot.rows();
        while (to < found.size && found.hashes[to] < end) {
          to++;
        }
        find(slot, found, from, to, keys, hits);
      }
      from = to;
    }
  }

  private Pairs sorted(KeyColumns keys, int count) {
    Pairs wanted = new Pairs(Math.max(1, count));
    long[] hashes = keys.hashes(count);
    for (int i = 0; i < count; i++) {
      if (keys.isNull(i)) {
        throw FirnException.invalid(
            "Cannot find a row by key: a part of the key is null in row " + i + " of the batch");
      }
      wanted.add(hashes[i], i);
    }
    sort.sort(wanted.hashes, wanted.rows, count, Long.SIZE);
    return wanted;
  }

  /** Candidates {@code [from, to)} are of this file. */
  private void find(FileSlot slot, Pairs found, int from, int to, KeyColumns keys, KeyHits hits) {
    DataFile file = slot.file();
    if (file == null) {
      return;
    }
    FileScanTask task = tasks.of(slot, file);
    List<DeleteFile> byPosition = new ArrayList<>();
    List<DeleteFile> byKey = new ArrayList<>();
    for (DeleteFile delete : task.deletes()) {
      (delete.content() == FileContent.POSITION_DELETES ? byPosition : byKey).add(delete);
    }
    Pairs live = live(slot, byPosition, found, from, to);
    List<DeleteFile> unsure = new ArrayList<>();
    for (DeleteFile delete : byKey) {
      if (live.size > 0 && !settled(delete, live, keys)) {
        unsure.add(delete);
      }
    }
    if (live.size == 0) {
      return;
    }
    if (layout.exact() && unsure.isEmpty()) {
      for (int i = 0; i < live.size; i++) {
        hits.hit((int) live.rows[i], task, live.hashes[i]);
      }
      return;
    }
    reads.compare(
        tasks.make(file, unsure), live, keys, (key, position) -> hits.hit(key, task, position));
  }

  /**
   * Whether it is known of all that are left which of them the delete names; where a hash is exact,
   * those are taken out.
   */
  private boolean settled(DeleteFile delete, Pairs live, KeyColumns keys) {
    if (!deletedKeys.has(delete)) {
      return false;
    }
    long[] deleted = deletedKeys.of(delete);
    int left = 0;
    for (int i = 0; i < live.size; i++) {
      boolean named = Arrays.binarySearch(deleted, keys.hash((int) live.rows[i])) >= 0;
      if (named && !layout.exact()) {
        return false;
      }
      live.hashes[left] = live.hashes[i];
      live.rows[left] = live.rows[i];
      left += named ? 0 : 1;
    }
    live.size = left;
    return true;
  }

  /** Returns the positions, with keys, of those candidates that no delete by position names. */
  private Pairs live(FileSlot slot, List<DeleteFile> byPosition, Pairs found, int from, int to) {
    Pairs live = new Pairs(to - from);
    PositionDeleteIndex deleted =
        byPosition.isEmpty() ? PositionDeleteIndex.empty() : marks.of(slot, byPosition);
    for (int i = from; i < to; i++) {
      long position = found.hashes[i] - slot.base();
      if (!deleted.isDeleted(position)) {
        live.add(position, found.rows[i]);
      }
    }
    return live;
  }
}
