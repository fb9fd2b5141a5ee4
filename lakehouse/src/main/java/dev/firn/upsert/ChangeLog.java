package dev.firn.upsert;

import dev.firn.format.arrow.ArrowTake;
import dev.firn.format.write.key.Keys;
import dev.firn.format.write.key.SortKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Changes by key in memory, in order. Confined to one thread; owns its batches.
 *
 * <p>How it works: changes are appended, and what they come to is found by going through them once,
 * backwards: an upsert or a delete ends its key, and of an ended key nothing that is older counts.
 */
final class ChangeLog implements AutoCloseable {
  private static final int SLICE = 4096;

  // The index goes through its runs once for each batch of keys.
  private static final int KEY_SLICE = 1 << 16;

  private final BufferAllocator allocator;
  private final SortKeys keyOrder;
  private final List<Segment> segments = new ArrayList<>();
  private int size;

  ChangeLog(KeyColumns columns, BufferAllocator allocator) {
    this.allocator = allocator;
    this.keyOrder = new SortKeys(columns.order(), columns.key());
  }

  /** Takes the segment over. */
  void add(Segment segment) {
    segments.add(segment);
    size = Math.addExact(size, segment.size());
  }

  int size() {
    return size;
  }

  /** The changes that count, in order: each a pick of segment and change. */
  private long[] counting() {
    long[] picks = new long[size];
    int free = size;
    List<Keys> keys = new ArrayList<>();
    try {
      for (Segment segment : segments) {
        keys.add(keyOrder.of(segment.keys(), allocator));
      }
      KeySet ended = new KeySet(keys, size);
      for (int s = segments.size() - 1; s >= 0; s--) {
        Segment segment = segments.get(s);
        for (int i = segment.size() - 1; i >= 0; i--) {
          boolean writes = segment.change(i) == Change.WRITE.code();
          boolean counts = writes ? !ended.contains(s, i) : ended.add(s, i);
          if (counts) {
            picks[--free] = ArrowTake.pick(s, i);
          }
        }
      }
    } finally {
      keys.forEach(Keys::close);
    }
    return Arrays.copyOfRange(picks, free, size);
  }

  /** Forgets the changes that do not count. */
  void compact() {
    long[] picks = counting();
    if (picks.length == size) {
      return;
    }
    List<Segment> kept = new ArrayList<>();
    try {
      for (int from = 0; from < picks.length; from += SLICE) {
        kept.add(slice(picks, from, Math.min(SLICE, picks.length - from)));
      }
    } catch (RuntimeException e) {
      kept.forEach(Segment::close);
      throw e;
    }
    close();
    kept.forEach(this::add);
  }

  private Segment slice(long[] picks, int from, int count) {
    byte[] changes = new byte[count];
    int[] rowOf = new int[count];
    long[] rows = new long[count];
    int found = 0;
    for (int i = 0; i < count; i++) {
      Segment segment = segments.get(source(picks[from + i]));
      changes[i] = segment.change((int) picks[from + i]);
      int row = segment.rowOf((int) picks[from + i]);
      rowOf[i] = row < 0 ? -1 : found;
      if (row >= 0) {
        rows[found++] = ArrowTake.pick(source(picks[from + i]), row);
      }
    }
    VectorSchemaRoot keys = ArrowTake.take(keys(), picks, from, count, allocator);
    try {
      return new Segment(keys, changes, ArrowTake.take(rows(), rows, 0, found, allocator), rowOf);
    } catch (RuntimeException e) {
      keys.close();
      throw e;
    }
  }

  /** Gives the rows that come, in order, in batches that are closed afterwards. */
  void rows(Consumer<VectorSchemaRoot> to) {
    long[] picks = new long[size];
    int count = 0;
    for (int s = 0; s < segments.size(); s++) {
      Segment segment = segments.get(s);
      for (int i = 0; i < segment.size(); i++) {
        if (segment.rowOf(i) >= 0) {
          picks[count++] = ArrowTake.pick(s, segment.rowOf(i));
        }
      }
    }
    give(rows(), picks, count, SLICE, to);
  }

  /** Gives the keys of which all earlier rows go, each once, in batches closed afterwards. */
  void endedKeys(Consumer<VectorSchemaRoot> to) {
    long[] picks = new long[size];
    int count = 0;
    for (int s = 0; s < segments.size(); s++) {
      Segment segment = segments.get(s);
      for (int i = 0; i < segment.size(); i++) {
        if (segment.change(i) != Change.WRITE.code()) {
          picks[count++] = ArrowTake.pick(s, i);
        }
      }
    }
    give(keys(), picks, count, KEY_SLICE, to);
  }

  private void give(
      List<VectorSchemaRoot> sources,
      long[] picks,
      int count,
      int slice,
      Consumer<VectorSchemaRoot> to) {
    for (int from = 0; from < count; from += slice) {
      int some = Math.min(slice, count - from);
      try (VectorSchemaRoot batch = ArrowTake.take(sources, picks, from, some, allocator)) {
        to.accept(batch);
      }
    }
  }

  private List<VectorSchemaRoot> keys() {
    return segments.stream().map(Segment::keys).toList();
  }

  private List<VectorSchemaRoot> rows() {
    return segments.stream().map(Segment::rows).toList();
  }

  private static int source(long pick) {
    return (int) (pick >>> 32);
  }

  /** Forgets everything. */
  @Override
  public void close() {
    segments.forEach(Segment::close);
    segments.clear();
    size = 0;
  }
}
