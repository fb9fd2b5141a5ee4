package dev.firn.upsert;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Table;

/**
 * The key indexes of a lakehouse's tables, opened on first use and shared by all streams of a
 * table. At most {@value #MOST_OPEN} stay open, those that were used last, each within an eighth of
 * the heap. Thread-safe. Owns the indexes; borrows the allocator, which it asks for late.
 */
public final class KeyIndexes implements AutoCloseable {
  private static final int MOST_OPEN = 4;

  private final Supplier<BufferAllocator> root;
  // By the tables' ids, the one that was used last at the end.
  private final Map<String, SharedIndex> indexes = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  public KeyIndexes(Supplier<BufferAllocator> root) {
    this.root = root;
  }

  /**
   * Enters the index of a table, and waits until it is free. The caller closes the session.
   *
   * @param load gives a handle of the table that nobody else has
   */
  IndexSession enter(String tableUuid, Supplier<Table> load) {
    // Before any lock: whoever closes the lakehouse holds the allocator's, and waits for ours.
    BufferAllocator allocator = root.get();
    while (true) {
      IndexSession session = of(tableUuid, load, allocator).enter();
      if (session != null) {
        return session;
      }
    }
  }

  private synchronized SharedIndex of(
      String tableUuid, Supplier<Table> load, BufferAllocator allocator) {
    if (closed) {
      throw new IllegalStateException("Cannot upsert: the lakehouse has been closed");
    }
    SharedIndex known = indexes.get(tableUuid);
    if (known == null) {
      known = new SharedIndex(load.get(), allocator);
      indexes.put(tableUuid, known);
      closeOldest();
    }
    return known;
  }

  /** Closes those too many that nobody is using. */
  private void closeOldest() {
    Iterator<SharedIndex> oldest = indexes.values().iterator();
    while (indexes.size() > MOST_OPEN && oldest.hasNext()) {
      SharedIndex each = oldest.next();
      // The last one is the one asked for.
      if (oldest.hasNext() && each.closeIfFree()) {
        oldest.remove();
      }
    }
  }

  /** Returns what batches borrow their memory from. */
  public BufferAllocator allocator() {
    return root.get();
  }

  /** Closes the indexes, each after the commit that uses it. */
  @Override
  public void close() {
    List<SharedIndex> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(indexes.values());
      indexes.clear();
    }
    all.forEach(SharedIndex::close);
  }
}
