package dev.firn.compaction.commit;

import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * What one round commits, in one snapshot. Immutable.
 *
 * <p>The snapshot is of operation {@code replace}, wherever Iceberg 1.11 lets it: it refuses that
 * for added delete files where none goes, and where more records come than go, although the
 * difference is dead. Then it is an {@code overwrite} that changes no row.
 *
 * @param going sources that are still in the table
 * @param coming outputs with live rows
 * @param deletesGoing delete files of the sources that apply to no other file
 * @param deletesComing those of the outputs
 * @param copy one that goes only so that others may come; null: none
 */
record Swap(
    List<DataFile> going,
    List<DataFile> coming,
    List<DeleteFile> deletesGoing,
    List<DeleteFile> deletesComing,
    @Nullable DeleteCopy copy) {

  /** Whether a delete file has to go for others to come. */
  boolean lacksGoingDelete() {
    return !deletesComing.isEmpty() && deletesGoing.isEmpty() && copy == null && !grows();
  }

  Swap with(DeleteCopy other) {
    return new Swap(going, coming, deletesGoing, deletesComing, other);
  }

  /** Whether more records come than go, dead ones among them. */
  private boolean grows() {
    return records(coming) > records(going);
  }

  private static long records(List<DataFile> files) {
    return files.stream().mapToLong(DataFile::recordCount).sum();
  }

  boolean isReplace() {
    return !grows() && !lacksGoingDelete();
  }

  /** Returns the commit, which is refused where what came since {@code from} concerns it. */
  SnapshotUpdate<?> on(Table table, Snapshot from, Map<String, String> summary) {
    return isReplace()
        ? putDeletes(putData(table.newRewrite()), from, summary)
        : overwrite(table, from, summary);
  }

  /** Puts the data files into a rewrite. */
  RewriteFiles putData(RewriteFiles rewrite) {
    going.forEach(rewrite::deleteFile);
    coming.forEach(rewrite::addFile);
    return rewrite.scanManifestsWith(DirectExecutor.INSTANCE);
  }

  /** Puts all else into a rewrite that has the data files. */
  RewriteFiles putDeletes(RewriteFiles rewrite, Snapshot from, Map<String, String> summary) {
    rewrite.validateFromSnapshot(from.snapshotId());
    deletesGoing.forEach(rewrite::deleteFile);
    deletesComing.forEach(rewrite::addFile);
    if (copy != null) {
      rewrite.deleteFile(copy.original());
      rewrite.addFile(copy.copy(), copy.sequence());
    }
    summary.forEach(rewrite::set);
    return rewrite;
  }

  private RowDelta overwrite(Table table, Snapshot from, Map<String, String> summary) {
    RowDelta delta =
        table
            .newRowDelta()
            .validateFromSnapshot(from.snapshotId())
            .validateDeletedFiles()
            .validateNoConflictingDeleteFiles()
            .scanManifestsWith(DirectExecutor.INSTANCE);
    going.forEach(delta::removeRows);
    coming.forEach(delta::addRows);
    deletesGoing.forEach(delta::removeDeletes);
    deletesComing.forEach(delta::addDeletes);
    summary.forEach(delta::set);
    return delta;
  }

  /** What of {@code groups} is to be swapped, where the delete files of {@code going} go. */
  static Swap of(
      List<RewrittenGroup> groups, List<DeleteFile> deletesGoing, List<DeleteFile> deletesComing) {
    List<DataFile> going = new ArrayList<>();
    List<DataFile> coming = new ArrayList<>();
    for (RewrittenGroup group : groups) {
      for (Source source : group.sources()) {
        if (!source.isGone()) {
          going.add(source.task().file());
        }
      }
      for (RewrittenGroup.Output output : group.outputs()) {
        if (!output.isDead()) {
          coming.add(output.file());
        }
      }
    }
    return new Swap(going, coming, deletesGoing, deletesComing, null);
  }
}
