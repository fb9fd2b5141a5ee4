package dev.firn.scan;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Loaded delete files, least recently used out first, bounded by estimated bytes: one delete file
 * applies to many data files. Thread-safe; a load runs outside the lock and may run twice.
 */
final class DeleteCache {
  private record Entry(Object value, long bytes) {}

  private final long maxBytes;
  private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  DeleteCache(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** One entry takes at most half. */
  boolean accepts(long size) {
    return size <= maxBytes / 2;
  }

  @SuppressWarnings("unchecked") // a key always names the same kind of value
  <V> V load(String key, Supplier<V> loader, long size) {
    Entry cached = find(key);
    if (cached != null) {
      return (V) cached.value();
    }
    V value = loader.get();
    store(key, new Entry(value, size));
    return value;
  }

  /** The value that is kept under the key; null: none. */
  @Nullable Object kept(String key) {
    Entry entry = find(key);
    return entry == null ? null : entry.value();
  }

  /** Keeps a value, unless it is larger than all of the cache. */
  void keep(String key, Object value, long size) {
    if (size <= maxBytes) {
      store(key, new Entry(value, size));
    }
  }

  /** The bytes that are kept. */
  synchronized long bytes() {
    return bytes;
  }

  private synchronized @Nullable Entry find(String key) {
    return entries.get(key);
  }

  private synchronized void store(String key, Entry entry) {
    Entry previous = entries.put(key, entry);
    bytes += entry.bytes() - (previous == null ? 0 : previous.bytes());
    Iterator<Entry> eldest = entries.values().iterator();
    while (bytes > maxBytes && eldest.hasNext()) {
      bytes -= eldest.next().bytes();
      eldest.remove();
    }
  }
}
