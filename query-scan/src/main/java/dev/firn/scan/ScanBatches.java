package dev.firn.scan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.jspecify.annotations.Nullable;

/**
 * The batches of planned tasks, one file after the other, up to a limit of rows. Plans when first
 * asked for a batch. Closes each file at its end, and everything at {@link #close()}.
 */
final class ScanBatches implements BatchCursor {
  private final FileTaskReader reader;
  private final Supplier<CloseableIterable<FileScanTask>> planning;
  private final BufferAllocator allocator;
  private final Cancellation cancellation;
  private long remaining;
  private boolean closed;
  private @Nullable CloseableIterable<FileScanTask> plan;
  private @Nullable CloseableIterator<FileScanTask> tasks;
  private @Nullable TaskCursors files;
  private @Nullable BatchCursor file;
  private @Nullable VectorSchemaRoot head;

  /** Borrows {@code allocator}. */
  ScanBatches(
      FileTaskReader reader,
      Supplier<CloseableIterable<FileScanTask>> planning,
      BufferAllocator allocator,
      ScanRequest request) {
    this.cancellation = request.cancellation();
    this.reader = reader.stoppedBy(cancellation::isCancelled);
    this.planning = planning;
    this.allocator = allocator;
    this.remaining = request.limit();
  }

  @Override
  public boolean next() {
    letGoOfHead();
    cancellation.check();
    if (closed || remaining == 0) {
      closeFile();
      return false;
    }
    while (file == null || !file.next()) {
      closeFile();
      TaskCursors cursors = files();
      cursors.limit(remaining);
      file = cursors.next();
      if (file == null) {
        return false;
      }
    }
    int rows = file.root().getRowCount();
    if (rows > remaining) {
      head = BatchSlice.of(file.root(), 0, (int) remaining);
    }
    remaining -= Math.min(rows, remaining);
    return true;
  }

  private TaskCursors files() {
    TaskCursors cursors = files;
    if (cursors == null) {
      plan = planning.get();
      tasks = plan.iterator();
      cursors = reader.inOrder(tasks, allocator);
      files = cursors;
    }
    return cursors;
  }

  @Override
  public VectorSchemaRoot root() {
    if (head != null) {
      return head;
    }
    if (file == null) {
      throw new IllegalStateException("there is no batch");
    }
    return file.root();
  }

  private void letGoOfHead() {
    if (head != null) {
      head.close();
      head = null;
    }
  }

  private void closeFile() {
    BatchCursor open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    CloseableIterable<FileScanTask> openPlan = plan;
    CloseableIterator<FileScanTask> openTasks = tasks;
    TaskCursors openFiles = files;
    try (openPlan;
        openTasks;
        openFiles) {
      letGoOfHead();
      closeFile();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
