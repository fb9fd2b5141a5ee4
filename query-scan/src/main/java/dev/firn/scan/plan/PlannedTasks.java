package dev.firn.scan.plan;

import java.util.NoSuchElementException;
import java.util.concurrent.Executor;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.io.CloseableGroup;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.jspecify.annotations.Nullable;

/** The tasks of a plan, in the order of the snapshot's manifests and of their entries. */
final class PlannedTasks extends CloseableGroup implements CloseableIterable<FileScanTask> {
  private final SnapshotPlan plan;
  private final Executor executor;
  private final int threads;

  PlannedTasks(SnapshotPlan plan, Executor executor, int threads) {
    this.plan = plan;
    this.executor = executor;
    this.threads = threads;
  }

  @Override
  public CloseableIterator<FileScanTask> iterator() {
    Cursor cursor = new Cursor();
    addCloseable(cursor);
    return cursor;
  }

  private final class Cursor implements CloseableIterator<FileScanTask> {
    private final DeleteIndex deletes;
    private final Ahead<ManifestFile, SnapshotPlan.Hits> manifests;
    private SnapshotPlan.@Nullable Hits hits;
    private int chunkAt = -1;
    private @Nullable Chunk chunk;
    private int row = -1;

    /** Whether the row, or the end, is where {@link #next} has to look. */
    private boolean found;

    private boolean closed;
    private @Nullable StructLike @Nullable [] partitions;

    Cursor() {
      int ahead = threads == 0 ? 0 : threads * 2;
      deletes = plan.deletes(executor, ahead);
      manifests = new Ahead<>(plan.dataManifests(), plan::hits, executor, ahead);
    }

    /** Moves to the next row that may match. */
    private void advance() {
      while (true) {
        long[] rows = hits == null || chunk == null ? null : hits.rows().get(chunkAt);
        row = rows == null ? -1 : Bits.next(rows, row + 1);
        if (row >= 0 || !nextChunk()) {
          return;
        }
      }
    }

    private boolean nextChunk() {
      row = -1;
      chunkAt++;
      while (hits == null || chunkAt == hits.rows().size()) {
        if (!manifests.hasNext()) {
          chunk = null;
          return false;
        }
        hits = manifests.next();
        chunkAt = 0;
      }
      chunk = hits.manifest().chunks().get(chunkAt);
      partitions = null;
      return true;
    }

    @Override
    public boolean hasNext() {
      if (!found && !closed) {
        advance();
        found = true;
      }
      return !closed && chunk != null;
    }

    @Override
    public FileScanTask next() {
      boolean there = hasNext();
      Chunk its = chunk;
      SnapshotPlan.Hits from = hits;
      if (!there || its == null || from == null) {
        throw new NoSuchElementException();
      }
      FileScanTask task =
          plan.task(from.manifest(), its, row, partition(from.manifest(), its), deletes);
      found = false;
      return task;
    }

    private StructLike partition(Manifest manifest, Chunk its) {
      @Nullable StructLike[] known = partitions;
      if (known == null) {
        known = new StructLike[its.partitions().size()];
        partitions = known;
      }
      int code = its.partitions().code(row);
      StructLike partition = known[code];
      if (partition == null) {
        partition = plan.spec(manifest.specId()).partition(its, code);
        known[code] = partition;
      }
      return partition;
    }

    @Override
    public void close() {
      closed = true;
      manifests.close();
    }
  }
}
