package dev.firn.keyindex;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.jspecify.annotations.Nullable;

/**
 * A data file in the numbering of rows: its rows are {@code base} and on. Mutable; confined to the
 * index's thread.
 */
final class FileSlot {
  private final String location;
  private final long base;
  private final long rows;
  private final long bytes;
  private @Nullable DataFile file;
  private int manifests;
  private boolean staged;
  private @Nullable FileScanTask task;
  private long taskVersion = -1;

  FileSlot(String location, long base, long rows, long bytes) {
    this.location = location;
    this.base = base;
    this.rows = rows;
    this.bytes = bytes;
  }

  String location() {
    return location;
  }

  long base() {
    return base;
  }

  long rows() {
    return rows;
  }

  long bytes() {
    return bytes;
  }

  /** Whether {@code other}, of the same location, has the rows that were read. */
  boolean holds(DataFile other) {
    return rows == other.recordCount() && bytes == other.fileSizeInBytes();
  }

  boolean isCommitted() {
    return manifests > 0;
  }

  boolean isLive() {
    return staged || manifests > 0;
  }

  boolean isStaged() {
    return staged;
  }

  @Nullable DataFile file() {
    return file;
  }

  /** The file is written, and is not in the snapshot. */
  void stage(DataFile written) {
    staged = true;
    file = written;
  }

  void unstage() {
    staged = false;
    forgetIfDead();
  }

  /** One more manifest of the snapshot has the file. */
  void enter(DataFile entry) {
    manifests++;
    staged = false;
    file = entry;
    task = null;
  }

  /** One manifest less has it. */
  void leave() {
    manifests--;
    forgetIfDead();
  }

  private void forgetIfDead() {
    if (!isLive()) {
      file = null;
      task = null;
    }
  }

  /** Returns the task told before, where it is of this version or has just these deletes. */
  @Nullable FileScanTask task(long version, List<DeleteFile> deletes) {
    FileScanTask known = task;
    if (known == null) {
      return null;
    }
    if (taskVersion != version && !LiveDeletes.same(known.deletes(), deletes)) {
      return null;
    }
    taskVersion = version;
    return known;
  }

  boolean knowsTask(long version) {
    return task != null && taskVersion == version;
  }

  FileScanTask keep(FileScanTask made, long version) {
    task = made;
    taskVersion = version;
    return made;
  }
}
