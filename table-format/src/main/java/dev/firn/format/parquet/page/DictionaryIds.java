package dev.firn.format.parquet.page;

import org.apache.arrow.memory.util.MemoryUtil;
import org.jspecify.annotations.Nullable;

/** The dictionary indices of a data page: a cursor that gives none outside the dictionary. */
final class DictionaryIds {
  private static final int BLOCK = 2048;
  private static final int LONG_RUN = 64;

  private final HybridRuns runs;
  private final int bits;
  private final @Nullable PackedGather gather;
  private final int size;
  private final boolean unchecked;
  private final Workspace work;

  /**
   * Reads the width in the first byte of {@code [from, to)} and the runs behind it; no byte at all:
   * only nulls.
   */
  DictionaryIds(long from, long to, int size, Workspace work) {
    this.bits = from == to ? 1 : MemoryUtil.getByte(from) & 0xff;
    this.runs = new HybridRuns(Math.min(from + 1, to), to, bits);
    this.gather = PackedGather.suits(bits, size) ? new PackedGather(bits, size) : null;
    this.size = size;
    this.unchecked = bits < 31 && size >= 1 << bits;
    this.work = work;
  }

  /** Memory for {@link #next}. */
  int[] block() {
    return work.numbers(BLOCK);
  }

  /** Reads ids into {@code block}, {@code count} of them or as many as go in; returns how many. */
  int next(int count, int[] block) {
    int now = Math.min(count, BLOCK);
    runs.read(now, block, 0);
    check(block, now);
    return now;
  }

  /** As {@link #next}, but leaves long runs to {@link #nextRepeated} and {@link #gatherPacked}. */
  int nextShort(int count, int[] block) {
    int now = runs.readShort(Math.min(count, BLOCK), block, LONG_RUN);
    check(block, now);
    return now;
  }

  /**
   * Where a long bit-packed run is next: consumes {@code count} ids at most, writes their entries
   * of {@code width} bytes, and returns how many; else 0. The entries are padded to a power of two.
   */
  int gatherPacked(int count, int width, long entries, long target) {
    int now = Math.min(count, runs.left()) & ~7;
    boolean suits = !runs.isRepeated() && (runs.index() & 7) == 0 && now > 0;
    if (gather == null || !suits) {
      return 0;
    }
    long packed = runs.packed() + (runs.index() * bits >>> 3);
    boolean inside =
        switch (width) {
          case Integer.BYTES -> gather.gather4(packed, now >>> 3, entries, target);
          case Long.BYTES -> gather.gather8(packed, now >>> 3, entries, target);
          default -> false;
        };
    if (!inside) {
      return 0; // the way with the checks will name the id
    }
    runs.advance(now);
    return now;
  }

  /**
   * Where a long run of one id is next: consumes it, {@code count} ids at most, and returns how
   * many; else 0. {@link #repeatedId()} then is the id.
   */
  int nextRepeated(int count) {
    int now = Math.min(count, runs.left());
    if (now < LONG_RUN || !runs.isRepeated()) {
      return 0;
    }
    if (runs.value() < 0 || runs.value() >= size) {
      throw outside(runs.value());
    }
    runs.advance(now);
    return now;
  }

  int repeatedId() {
    return runs.value();
  }

  /** Consumes {@code count} ids, and returns them with {@code nullId} behind them. */
  int[] all(int count, int nullId) {
    int[] ids = work.numbers(count + 1);
    runs.read(count, ids, 0);
    check(ids, count);
    ids[count] = nullId;
    return ids;
  }

  void skip(int count) {
    runs.skip(count);
  }

  private void check(int[] ids, int count) {
    if (unchecked) {
      return;
    }
    int lowest = 0;
    int highest = 0;
    for (int i = 0; i < count; i++) {
      lowest = Math.min(lowest, ids[i]);
      highest = Math.max(highest, ids[i]);
    }
    if (count > 0 && (lowest < 0 || highest >= size)) {
      throw outside(lowest < 0 ? lowest : highest);
    }
  }

  private CorruptPageException outside(int id) {
    return new CorruptPageException(
        "dictionary index %d, in a dictionary of %d entries"
            .formatted(Integer.toUnsignedLong(id), size));
  }
}
