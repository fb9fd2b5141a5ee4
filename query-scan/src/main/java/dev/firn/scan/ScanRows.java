package dev.firn.scan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the rows of planned tasks, one file open at a time, up to a limit. Confined to one
 * thread. Closes each file at its end, and everything at {@link #close()}.
 */
final class ScanRows implements CloseableIterator<Record> {
  private final FileTaskReader reader;
  private final CloseableIterable<FileScanTask> plan;
  private final CloseableIterator<FileScanTask> tasks;
  private long remaining;
  private boolean closed;
  private @Nullable CloseableIterator<Record> rows;

  ScanRows(FileTaskReader reader, CloseableIterable<FileScanTask> plan, long limit) {
    this.reader = reader;
    this.plan = plan;
    this.tasks = plan.iterator();
    this.remaining = limit;
  }

  @Override
  public boolean hasNext() {
    if (closed || remaining == 0) {
      return false;
    }
    while (rows == null || !rows.hasNext()) {
      closeFile();
      if (!tasks.hasNext()) {
        return false;
      }
      rows = reader.open(tasks.next()).iterator();
    }
    return true;
  }

  @Override
  public Record next() {
    if (!hasNext() || rows == null) {
      throw new NoSuchElementException();
    }
    Record row = rows.next();
    remaining--;
    if (remaining == 0) {
      closeFile();
    }
    return row;
  }

  private void closeFile() {
    try {
      if (rows != null) {
        rows.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      rows = null;
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (plan;
        tasks) {
      closeFile();
    }
  }
}
