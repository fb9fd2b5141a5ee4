package dev.firn.scan;

import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.jspecify.annotations.Nullable;

/**
 * One task of a scan that reads several at once, and its batches that wait for their turn. What is
 * said to be the claimant's is touched by whoever set {@link #claimed} alone; all else is guarded
 * by the scan's lock.
 */
final class Lane {
  private final FileScanTask task;
  private final BufferAllocator allocator;

  /** How many rows will be read at most. */
  private final long rows;

  private final Deque<VectorSchemaRoot> ready = new ArrayDeque<>();
  private @Nullable BatchCursor cursor;

  boolean claimed;

  /** Whether somebody has read from it, so that the memory that it takes shows. */
  boolean begun;

  boolean ended;
  @Nullable Throwable failure;

  /** Rows that the scan's reader has had, which are left out where the task is read anew. */
  private long delivered;

  Lane(FileScanTask task, BufferAllocator allocator, long rows) {
    this.task = task;
    this.allocator = allocator;
    this.rows = rows;
  }

  FileScanTask task() {
    return task;
  }

  long estimatedRows() {
    return task.estimatedRowsCount();
  }

  boolean free() {
    return !claimed && !ended && failure == null;
  }

  // ---- the claimant's

  /** Loads the next batch into {@link #root}; false at the end. */
  boolean next(FileTaskReader reader) {
    BatchCursor open = cursor;
    if (open == null) {
      open = reader.openArrow(task, allocator, rows);
    }
    if (delivered > 0 && !(open instanceof SkippingCursor) && !begun) {
      open = new SkippingCursor(open, delivered);
    }
    cursor = open;
    return open.next();
  }

  VectorSchemaRoot root() {
    BatchCursor open = cursor;
    if (open == null) {
      throw new IllegalStateException("there is no batch");
    }
    return open.root();
  }

  /** Asks a remote store for what is read first, within so many bytes; returns what it holds. */
  long prefetch(FileTaskReader reader, long room) {
    if (cursor == null && reader.opensAhead(task)) {
      try {
        cursor = reader.start(task, allocator, rows);
      } catch (RuntimeException e) {
        return 0; // its turn will show
      }
    }
    if (!(cursor instanceof ParquetBatches started)) {
      return 0;
    }
    started.prefetch(room);
    return started.memory();
  }

  /** Whether its store answers later than it is asked. */
  boolean answersLater() {
    return cursor instanceof ParquetBatches open && open.answersLater();
  }

  void closeCursor() {
    BatchCursor open = cursor;
    cursor = null;
    if (open != null) {
      open.close();
    }
  }

  // ---- under the lock

  void add(VectorSchemaRoot batch) {
    ready.add(batch);
  }

  /** The next batch that waits, which is the taker's; null: none. */
  @Nullable VectorSchemaRoot poll() {
    VectorSchemaRoot batch = ready.poll();
    if (batch != null) {
      delivered += batch.getRowCount();
    }
    return batch;
  }

  void delivered(int count) {
    delivered += count;
  }

  boolean holdsMemory() {
    return cursor != null || !ready.isEmpty();
  }

  /** Frees what it holds; its rows that were not delivered will be read again. Nobody claims it. */
  void reset() {
    begun = false;
    ended = false;
    ready.forEach(VectorSchemaRoot::close);
    ready.clear();
    closeCursor();
  }
}
