package dev.firn.compaction.plan;

import java.util.EnumSet;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.util.ContentFileUtil;

/** A file, and what the planner has found out about it. A builder, confined to one thread. */
final class Source {
  final FileScanTask task;
  final Set<Why> why = EnumSet.noneOf(Why.class);
  private final long deadRows;
  private final boolean dead;
  int depth = 1;

  Source(FileScanTask task) {
    this.task = task;
    long rows = task.file().recordCount();
    long deleted = 0;
    boolean all = rows == 0;
    for (DeleteFile delete : task.deletes()) {
      if (ContentFileUtil.isFileScoped(delete)) {
        deleted += delete.recordCount();
      }
      // A position delete file may name a row twice; a vector cannot.
      all |= ContentFileUtil.isDV(delete) && delete.recordCount() >= rows;
    }
    this.deadRows = Math.min(deleted, rows);
    this.dead = all;
  }

  /** Whether it is certain that no row is alive. */
  boolean isDead() {
    return dead;
  }

  long bytes() {
    return task.file().fileSizeInBytes();
  }

  /** The share of rows that are deleted for all that metadata tells. */
  double deadShare() {
    long rows = task.file().recordCount();
    return rows == 0 ? 1 : (double) deadRows / rows;
  }

  long deadBytes() {
    return (long) (bytes() * deadShare());
  }

  /** What is to be read: the file, and each delete file that applies to it. */
  long bytesRead() {
    long bytes = bytes();
    for (DeleteFile delete : task.deletes()) {
      Long content = delete.contentSizeInBytes();
      bytes += content != null ? content : delete.fileSizeInBytes();
    }
    return bytes;
  }

  /** Whether it is worth a rewrite whatever other files there are. */
  boolean isUrgent() {
    return why.stream().anyMatch(each -> each != Why.FRAGMENT);
  }
}
