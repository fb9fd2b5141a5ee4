package dev.firn.upsert;

import dev.firn.keyindex.KeyIndex;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One table's key index and the handle that it reads by. Thread-safe: one session at a time. */
final class SharedIndex implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SharedIndex.class);

  private final ReentrantLock lock = new ReentrantLock();
  private final Table table;
  private final BufferAllocator allocator;
  private @Nullable KeyIndex index;
  private boolean closed;

  SharedIndex(Table table, BufferAllocator allocator) {
    this.table = table;
    this.allocator = allocator;
  }

  /** Waits until nobody uses it; returns null where it has been closed. */
  @Nullable IndexSession enter() {
    lock.lock();
    if (closed) {
      lock.unlock();
      return null;
    }
    return new IndexSession(this);
  }

  /** Closes it unless it is in use; returns whether it is closed. */
  boolean closeIfFree() {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      close();
      return true;
    } finally {
      lock.unlock();
    }
  }

  Table table() {
    return table;
  }

  /** The index of the table's key as it is now. */
  KeyIndex index() {
    KeyIndex known = index;
    if (known != null && !known.key().sameSchema(KeyColumns.keyOf(table.schema()))) {
      forget();
      known = null;
    }
    if (known == null) {
      known = KeyIndex.open(table, allocator);
      index = known;
    }
    return known;
  }

  /** Has the index forget what is staged; an index that cannot is closed. */
  void unstage() {
    KeyIndex known = index;
    if (known != null) {
      try {
        known.unstage();
      } catch (RuntimeException e) {
        LOG.warn("Cannot clear the key index of {}; it is built again", table.name(), e);
        forget();
      }
    }
  }

  /** Closes the index: the next session opens another. */
  void forget() {
    KeyIndex known = index;
    index = null;
    if (known != null) {
      known.close();
    }
  }

  void leave() {
    lock.unlock();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      forget();
    } finally {
      lock.unlock();
    }
  }
}
