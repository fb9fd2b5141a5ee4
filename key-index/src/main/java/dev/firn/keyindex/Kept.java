package dev.firn.keyindex;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values by name, least recently used out first, bounded by bytes. Confined to one thread. */
final class Kept<V> {
  private record Entry<V>(V value, long bytes) {}

  private final long most;
  private final Map<String, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  Kept(long most) {
    this.most = most;
  }

  /** Whether so much is kept at all: an entry takes at most half. */
  boolean accepts(long size) {
    return size <= most / 2;
  }

  @Nullable V get(String name) {
    Entry<V> entry = entries.get(name);
    return entry == null ? null : entry.value();
  }

  /** Keeps the value in place of another of that name, and lets go of others where it must. */
  void put(String name, V value, long size) {
    Entry<V> before = entries.put(name, new Entry<>(value, size));
    bytes += size - (before == null ? 0 : before.bytes());
    Iterator<Entry<V>> eldest = entries.values().iterator();
    while (bytes > most && eldest.hasNext()) {
      bytes -= eldest.next().bytes();
      eldest.remove();
    }
  }
}
