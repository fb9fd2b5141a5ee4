package dev.firn.upsert;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Table;

/**
 * The key indexes of a lakehouse's tables, one for each, opened on first use and shared by all
 * their streams. Thread-safe. Owns the indexes; borrows the allocator, which it asks for late.
 */
public final class KeyIndexes implements AutoCloseable {
  private final Supplier<BufferAllocator> root;
  private final Map<String, SharedIndex> indexes = new HashMap<>();
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
    return of(tableUuid, load, allocator).enter();
  }

  private synchronized SharedIndex of(
      String tableUuid, Supplier<Table> load, BufferAllocator allocator) {
    if (closed) {
      throw new IllegalStateException("Cannot upsert: the lakehouse has been closed");
    }
    return indexes.computeIfAbsent(tableUuid, uuid -> new SharedIndex(load.get(), allocator));
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
