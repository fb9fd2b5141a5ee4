package dev.firn.storage;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what is asked of a store. Thread-safe. */
public final class StoreMeter {
  /** What is counted; see {@link StoreCounts}. */
  public enum Event {
    READ,
    HEAD,
    WRITE,
    PART,
    UPLOAD,
    LIST,
    DELETE,
    BYTES_READ,
    BYTES_WRITTEN,
    RETRY,
    THROTTLED
  }

  private final Map<Event, LongAdder> counts = new EnumMap<>(Event.class);

  /** Makes one that has counted nothing. */
  public StoreMeter() {
    for (Event event : Event.values()) {
      counts.put(event, new LongAdder());
    }
  }

  /** Counts one. */
  public void add(Event event) {
    add(event, 1);
  }

  /** Counts {@code amount}. */
  public void add(Event event, long amount) {
    adder(event).add(amount);
  }

  /** What was counted so far. */
  public StoreCounts counts() {
    return new StoreCounts(
        sum(Event.READ),
        sum(Event.HEAD),
        sum(Event.WRITE),
        sum(Event.PART),
        sum(Event.UPLOAD),
        sum(Event.LIST),
        sum(Event.DELETE),
        sum(Event.BYTES_READ),
        sum(Event.BYTES_WRITTEN),
        sum(Event.RETRY),
        sum(Event.THROTTLED));
  }

  private long sum(Event event) {
    return adder(event).sum();
  }

  private LongAdder adder(Event event) {
    return java.util.Objects.requireNonNull(counts.get(event));
  }
}
