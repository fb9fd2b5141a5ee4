package dev.firn.scan;

import org.apache.iceberg.FileScanTask;

/** The batches of several tasks, which tells whose each is. */
public interface TaskBatches extends BatchCursor {
  /** The task, or a part of it, that the current batch is from. */
  FileScanTask task();
}
