package dev.firn.compaction.commit;

import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/**
 * One source of a rewritten group: whether it is still in the table, in which manifest, and what of
 * it has been carried over to the outputs. Mutable; confined to one thread.
 */
final class Source {
  private final RewrittenGroup group;
  private final int index;
  private final FileScanTask task;
  private final Set<String> known = new HashSet<>();
  private final PositionDeleteIndex carried = Deletes.toPositionIndex(CloseableIterable.empty());
  private @Nullable String manifest;
  private boolean gone;

  Source(RewrittenGroup group, int index, FileScanTask task) {
    this.group = group;
    this.index = index;
    this.task = task;
    this.manifest = task.file().manifestLocation();
    task.deletes().forEach(delete -> known.add(LiveDeletes.key(delete)));
  }

  FileScanTask task() {
    return task;
  }

  String location() {
    return task.file().location();
  }

  boolean isGone() {
    return gone;
  }

  /** Null: not known. */
  @Nullable String manifest() {
    return manifest;
  }

  void foundIn(String newManifest) {
    manifest = newManifest;
  }

  /** Notes a delete; returns whether it was not known. */
  boolean isNew(DeleteFile delete) {
    return known.add(LiveDeletes.key(delete));
  }

  /** Others took the file out of the table: its rows are theirs. */
  void drop() {
    gone = true;
    group.dropRowsOf(index);
  }

  /** Marks rows dead in the outputs. */
  void carry(PositionDeleteIndex dead) {
    PositionDeleteIndex fresh = Deletes.toPositionIndex(CloseableIterable.empty());
    dead.forEach(
        position -> {
          if (!carried.isDeleted(position)) {
            carried.delete(position);
            fresh.delete(position);
          }
        });
    if (fresh.isNotEmpty()) {
      group.dropRowsOf(index, fresh);
    }
  }
}
