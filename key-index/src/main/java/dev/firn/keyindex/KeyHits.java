package dev.firn.keyindex;

import org.apache.iceberg.FileScanTask;

/** Hears of the live rows that have a key. */
@FunctionalInterface
public interface KeyHits {
  /**
   * The row at {@code position} of the task's file has the key of row {@code key} of the batch that
   * was looked for. One file is always told by the same task.
   *
   * @param task the file, without statistics, and the deletes that apply to it
   * @param position 0-based, of the whole file
   */
  void hit(int key, FileScanTask task, long position);
}
