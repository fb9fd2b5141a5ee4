package dev.firn;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots that changes under way in this process were computed from. Such a change is checked
 * against everything committed since, so upkeep lets those snapshots and all that followed stay.
 * Other processes do not know of them. Thread-safe.
 */
final class Holds {
  /** Nothing is under way. */
  static final long NONE = Long.MAX_VALUE;

  private final Map<TableIdentifier, TreeMap<Long, Integer>> held = new HashMap<>();

  /** Ends once closed; closing twice is harmless. */
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** Holds a table's snapshot, null where the change read nothing, and those after it. */
  Hold on(TableIdentifier table, @Nullable Snapshot base) {
    return base == null ? () -> {} : on(table, base.sequenceNumber());
  }

  Hold on(TableIdentifier table, long sequence) {
    synchronized (held) {
      held.computeIfAbsent(table, t -> new TreeMap<>()).merge(sequence, 1, Integer::sum);
    }
    return new Hold() {
      private boolean closed;

      @Override
      public void close() {
        synchronized (held) {
          if (!closed) {
            closed = true;
            release(table, sequence);
          }
        }
      }
    };
  }

  private void release(TableIdentifier table, long sequence) {
    TreeMap<Long, Integer> of = held.get(table);
    if (of != null) {
      of.computeIfPresent(sequence, (s, count) -> count == 1 ? null : count - 1);
      if (of.isEmpty()) {
        held.remove(table);
      }
    }
  }

  /** Returns the least sequence number that is held, or {@link #NONE}. */
  long since(TableIdentifier table) {
    synchronized (held) {
      TreeMap<Long, Integer> of = held.get(table);
      return of == null ? NONE : of.firstKey();
    }
  }
}
