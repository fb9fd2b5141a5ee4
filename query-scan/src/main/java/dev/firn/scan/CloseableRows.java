package dev.firn.scan;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;

/**
 * Rows that are opened when asked for. Owns the iterators it hands out: closing closes them, again
 * closing does nothing.
 */
final class CloseableRows implements CloseableIterable<Record> {
  private final Supplier<CloseableIterator<Record>> open;
  private final Deque<CloseableIterator<Record>> opened = new ArrayDeque<>();

  CloseableRows(Supplier<CloseableIterator<Record>> open) {
    this.open = open;
  }

  @Override
  public CloseableIterator<Record> iterator() {
    CloseableIterator<Record> rows = open.get();
    opened.push(rows);
    return rows;
  }

  @Override
  public void close() throws IOException {
    IOException first = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (IOException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
