package dev.firn.scan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.jspecify.annotations.Nullable;

/**
 * Planned tasks, large Parquet files by row group, in order: a cursor. Plans when first asked. What
 * planning fails with is thrown once all tasks before were given out. Confined to one thread.
 */
final class SplitTasks implements AutoCloseable {
  /** A part costs another look at the footer, and is to be worth it. */
  static final long LEAST_PART = 8L << 20;

  private final Supplier<CloseableIterable<FileScanTask>> planning;
  private final long leastPart;
  private @Nullable CloseableIterable<FileScanTask> plan;
  private @Nullable CloseableIterator<FileScanTask> tasks;
  private Iterator<FileScanTask> parts = Collections.emptyIterator();

  /** Files whose row groups are smaller than {@code leastPart} bytes stay whole. */
  SplitTasks(Supplier<CloseableIterable<FileScanTask>> planning, long leastPart) {
    this.planning = planning;
    this.leastPart = leastPart;
  }

  /** Null at the end. */
  @Nullable FileScanTask next() {
    if (parts.hasNext()) {
      return parts.next();
    }
    CloseableIterator<FileScanTask> open = tasks;
    if (open == null) {
      plan = planning.get();
      open = plan.iterator();
      tasks = open;
    }
    if (!open.hasNext()) {
      return null;
    }
    parts = parts(open.next());
    return parts.next();
  }

  private Iterator<FileScanTask> parts(FileScanTask task) {
    List<Long> offsets = task.file().splitOffsets();
    boolean worthwhile =
        task.file().format() == FileFormat.PARQUET
            && offsets != null
            && offsets.size() > 1
            && task.start() == 0
            && task.length() == task.file().fileSizeInBytes()
            && task.length() / offsets.size() >= leastPart;
    return worthwhile
        ? task.split(leastPart).iterator()
        : Collections.singletonList(task).iterator();
  }

  @Override
  public void close() {
    CloseableIterable<FileScanTask> openPlan = plan;
    CloseableIterator<FileScanTask> openTasks = tasks;
    try (openPlan;
        openTasks) {
      parts = Collections.emptyIterator();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
