package dev.firn.scan.change;

import dev.firn.format.arrow.ArrowTake;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The rows before and the rows after that are to be matched: in memory up to a bound; beyond it on
 * local disk, split by the hash of their key, so that rows of equal keys come out together. Filled,
 * then emptied. Confined to one thread; owns its memory and files.
 */
final class SpooledRows implements AutoCloseable {
  static final int SPLITS = 16;

  /** Splits of splits: what is too large then has very many rows of equal keys. */
  private static final int MOST_LEVELS = 5;

  private final RowKey key;
  private final Schema schema;
  private final MatchMemory memory;
  private final int level;
  private final List<VectorSchemaRoot> before = new ArrayList<>();
  private final List<VectorSchemaRoot> after = new ArrayList<>();
  private final List<Split> splits = new ArrayList<>();
  private final Deque<Bucket> buckets = new ArrayDeque<>();
  private long bytes;

  /** Rows on disk that were split {@code level} times. */
  private record Split(SpillFile before, SpillFile after, int level) {
    SpillFile of(boolean isBefore) {
      return isBefore ? before : after;
    }

    void close() {
      before.close();
      after.close();
    }
  }

  /** {@code level} is how often the rows were split already. */
  SpooledRows(RowKey key, Schema schema, MatchMemory memory, int level) {
    this.key = key;
    this.schema = schema;
    this.memory = memory;
    this.level = level;
  }

  private BufferAllocator allocator() {
    return memory.allocator();
  }

  /** Takes rows over. */
  void add(boolean isBefore, VectorSchemaRoot rows) {
    if (!splits.isEmpty()) {
      try (rows) {
        split(isBefore, rows);
      }
      return;
    }
    (isBefore ? before : after).add(rows);
    bytes += rows.getFieldVectors().stream().mapToLong(vector -> vector.getBufferSize()).sum();
    if (bytes > memory.bytes() && level < MOST_LEVELS) {
      spill();
    }
  }

  private void spill() {
    for (int i = 0; i < SPLITS; i++) {
      splits.add(
          new Split(
              SpillFile.create(memory.directory()),
              SpillFile.create(memory.directory()),
              level + 1));
    }
    drain(true, before);
    drain(false, after);
    bytes = 0;
  }

  private void drain(boolean isBefore, List<VectorSchemaRoot> from) {
    while (!from.isEmpty()) {
      try (VectorSchemaRoot rows = from.remove(from.size() - 1)) {
        split(isBefore, rows);
      }
    }
  }

  private void split(boolean isBefore, VectorSchemaRoot rows) {
    int count = rows.getRowCount();
    long[][] picks = new long[SPLITS][count];
    int[] counts = new int[SPLITS];
    for (int row = 0; row < count; row++) {
      int split = splitOf(key.hash(rows, row));
      picks[split][counts[split]++] = ArrowTake.pick(0, row);
    }
    for (int split = 0; split < SPLITS; split++) {
      if (counts[split] > 0) {
        try (VectorSchemaRoot part =
            ArrowTake.take(List.of(rows), picks[split], 0, counts[split], allocator())) {
          splits.get(split).of(isBefore).write(part);
        }
      }
    }
  }

  private int splitOf(int hash) {
    // Other bits at each level, of a hash that is well mixed.
    long mixed = (hash + 0x9E3779B97F4A7C15L * (level + 1)) * 0xBF58476D1CE4E5B9L;
    mixed ^= mixed >>> 29;
    mixed *= 0x94D049BB133111EBL;
    return (int) (mixed >>> 60) & (SPLITS - 1);
  }

  /**
   * Returns the next rows to be matched with each other, which the caller closes; null at the end.
   */
  @Nullable Bucket next() {
    if (!before.isEmpty() || !after.isEmpty()) {
      return new Bucket(this, move(before), move(after), null);
    }
    while (buckets.isEmpty() && !splits.isEmpty()) {
      load(splits.remove(splits.size() - 1));
    }
    return buckets.poll();
  }

  private static List<VectorSchemaRoot> move(List<VectorSchemaRoot> from) {
    List<VectorSchemaRoot> moved = new ArrayList<>(from);
    from.clear();
    return moved;
  }

  private void load(Split split) {
    if (split.before().bytes() > memory.bytes() && split.level() < MOST_LEVELS) {
      splitFurther(split);
      return;
    }
    List<VectorSchemaRoot> rows = new ArrayList<>();
    boolean done = false;
    try {
      for (VectorSchemaRoot read = read(split.before()); read != null; ) {
        rows.add(read);
        read = read(split.before());
      }
      buckets.add(new Bucket(this, rows, List.of(), split.after()));
      done = true;
    } finally {
      split.before().close();
      if (!done) {
        rows.forEach(VectorSchemaRoot::close);
        split.after().close();
      }
    }
  }

  private void splitFurther(Split split) {
    try (SpooledRows finer = new SpooledRows(key, schema, memory, split.level())) {
      finer.fill(true, split.before());
      finer.fill(false, split.after());
      splits.addAll(finer.splits);
      finer.splits.clear();
      if (!finer.before.isEmpty() || !finer.after.isEmpty()) {
        buckets.add(new Bucket(this, move(finer.before), move(finer.after), null));
      }
    } finally {
      split.close();
    }
  }

  private void fill(boolean isBefore, SpillFile from) {
    for (VectorSchemaRoot rows = read(from); rows != null; rows = read(from)) {
      add(isBefore, rows);
    }
  }

  private @Nullable VectorSchemaRoot read(SpillFile file) {
    return file.read(schema, allocator());
  }

  @Override
  public void close() {
    before.forEach(VectorSchemaRoot::close);
    after.forEach(VectorSchemaRoot::close);
    before.clear();
    after.clear();
    splits.forEach(Split::close);
    splits.clear();
    buckets.forEach(Bucket::close);
    buckets.clear();
  }

  /** Rows of which each has its equals in here or nowhere. */
  static final class Bucket implements AutoCloseable {
    private final SpooledRows from;
    private final List<VectorSchemaRoot> before;
    private final Deque<VectorSchemaRoot> after;
    private final @Nullable SpillFile spilled;

    Bucket(
        SpooledRows from,
        List<VectorSchemaRoot> before,
        List<VectorSchemaRoot> after,
        @Nullable SpillFile spilled) {
      this.from = from;
      this.before = before;
      this.after = new ArrayDeque<>(after);
      this.spilled = spilled;
    }

    /** The rows before, which stay this bucket's. */
    List<VectorSchemaRoot> before() {
      return before;
    }

    /** Returns more of the rows after, which the caller closes; null at the end. */
    @Nullable VectorSchemaRoot nextAfter() {
      return spilled == null ? after.poll() : from.read(spilled);
    }

    @Override
    public void close() {
      before.forEach(VectorSchemaRoot::close);
      after.forEach(VectorSchemaRoot::close);
      before.clear();
      after.clear();
      if (spilled != null) {
        spilled.close();
      }
    }
  }
}
