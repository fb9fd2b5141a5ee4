package dev.firn.scan;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.jspecify.annotations.Nullable;

/**
 * The rows of file tasks, one task after the other; while one is read, the next ones' footers and
 * first row groups are on their way, where the store answers in the background. Confined to one
 * thread. Borrows the allocator and the tasks' iterator; owns what it has opened ahead.
 *
 * <p>How it works: nothing runs in a thread of its own. Whenever a batch is asked for, the tails of
 * the next files are asked for, and of those whose tail has come the first row group, within a
 * bound of files and of bytes. Where memory is short, or a file is local, each file is opened when
 * its turn comes. A file that cannot be opened ahead fails when its turn comes.
 */
public final class TaskCursors implements AutoCloseable {
  private static final int MOST_FILES = 8;
  private static final long MOST_BYTES = 64L << 20;

  /** What a file needs at first, of the memory for what is read ahead. */
  private static final long TAIL_BYTES = 512 << 10;

  private final FileTaskReader reader;
  private final Iterator<FileScanTask> tasks;
  private final BufferAllocator allocator;
  private final Deque<Pending> ahead = new ArrayDeque<>();
  private @Nullable RuntimeException planFailure;
  private long wanted = Long.MAX_VALUE;
  private int opened;

  TaskCursors(FileTaskReader reader, Iterator<FileScanTask> tasks, BufferAllocator allocator) {
    this.reader = reader;
    this.tasks = tasks;
    this.allocator = allocator;
  }

  /** At most so many rows will be read from here on: no file beyond them is opened early. */
  void limit(long rows) {
    wanted = rows;
  }

  /**
   * Returns the rows of the next task; null at the end. The caller closes them, before it asks for
   * the next.
   */
  public @Nullable BatchCursor next() {
    Pending next = ahead.isEmpty() ? take() : ahead.poll();
    if (next == null) {
      if (planFailure != null) {
        throw planFailure;
      }
      return null;
    }
    opened++;
    if (!reader.opensAhead(next.task)) {
      return reader.openArrow(next.task, allocator, wanted);
    }
    ParquetBatches batches = next.batches;
    return new Cursor(
        next.task, batches == null ? reader.start(next.task, allocator, wanted) : batches);
  }

  /** Null at the end, or where planning failed, which is kept for when all before was read. */
  private @Nullable Pending take() {
    try {
      return planFailure == null && tasks.hasNext() ? new Pending(tasks.next()) : null;
    } catch (RuntimeException e) {
      planFailure = e;
      return null;
    }
  }

  /** Goes on with what can be asked for without waiting. */
  private void readAhead(Cursor reading) {
    if (!reading.batches.answersLater()) {
      return;
    }
    long held = held();
    long room = Math.min(MOST_BYTES, (allocator.getHeadroom() + held) / 4);
    long rows = reading.task.file().recordCount();
    for (Pending pending : ahead) {
      rows += pending.task.file().recordCount();
      held += pending.prefetch(room - held);
    }
    while (ahead.size() < MOST_FILES
        && held + TAIL_BYTES <= room
        && (rows < wanted || (reader.filters() && ahead.size() < opened - 1))) {
      Pending pending = take();
      if (pending == null) {
        return;
      }
      ahead.add(pending);
      rows += pending.task.file().recordCount();
      pending.start();
      held += pending.prefetch(room - held);
    }
  }

  private long held() {
    return ahead.stream().mapToLong(Pending::memory).sum();
  }

  /** Closes what was opened ahead; returns once the store no longer writes to its memory. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (Pending pending : ahead) {
      try {
        pending.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    ahead.clear();
    if (failure != null) {
      throw failure;
    }
  }

  /** A task whose turn has not come. */
  private final class Pending {
    private final FileScanTask task;
    private @Nullable ParquetBatches batches;

    Pending(FileScanTask task) {
      this.task = task;
    }

    void start() {
      if (reader.opensAhead(task)) {
        try {
          batches = reader.start(task, allocator, wanted);
        } catch (RuntimeException e) {
          batches = null; // its turn will show
        }
      }
    }

    /** Returns the bytes of memory that it took for it. */
    long prefetch(long room) {
      ParquetBatches started = batches;
      if (started == null) {
        return 0;
      }
      long before = started.memory();
      started.prefetch(room);
      return started.memory() - before;
    }

    long memory() {
      ParquetBatches started = batches;
      return started == null ? 0 : started.memory();
    }

    void close() {
      ParquetBatches started = batches;
      if (started != null) {
        started.close();
      }
    }
  }

  /** The rows of the task that is read. */
  private final class Cursor implements BatchCursor {
    private final FileScanTask task;
    private final ParquetBatches batches;
    private boolean ready;

    Cursor(FileScanTask task, ParquetBatches batches) {
      this.task = task;
      this.batches = batches;
    }

    @Override
    public boolean next() {
      if (!ready) {
        readAhead(this);
        batches.open();
        batches.prefetch(Long.MAX_VALUE);
        ready = true;
      }
      readAhead(this);
      return batches.next();
    }

    @Override
    public VectorSchemaRoot root() {
      return batches.root();
    }

    @Override
    public void close() {
      batches.close();
    }
  }
}
