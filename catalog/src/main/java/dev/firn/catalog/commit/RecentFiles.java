package dev.firn.catalog.commit;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What was last read or written, by location, up to a bound on its weight. Files of a table are
 * never changed, so nothing in here goes stale. Thread-safe.
 */
final class RecentFiles<T> {
  private final Map<String, T> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final long capacity;
  private final ToLongFunction<T> weigh;
  private long weight;

  RecentFiles(long capacity, ToLongFunction<T> weigh) {
    this.capacity = capacity;
    this.weigh = weigh;
  }

  synchronized @Nullable T find(String location) {
    return entries.get(location);
  }

  /** Keeps an entry, and forgets those unused for longest; the entry alone may exceed the bound. */
  synchronized void put(String location, T entry) {
    T before = entries.put(location, entry);
    weight += weigh.applyAsLong(entry) - (before == null ? 0 : weigh.applyAsLong(before));
    Iterator<T> oldest = entries.values().iterator();
    while (weight > capacity && entries.size() > 1) {
      weight -= weigh.applyAsLong(oldest.next());
      oldest.remove();
    }
  }

  synchronized void forget(String location) {
    T gone = entries.remove(location);
    if (gone != null) {
      weight -= weigh.applyAsLong(gone);
    }
  }
}
