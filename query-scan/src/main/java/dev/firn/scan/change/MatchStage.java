package dev.firn.scan.change;

import dev.firn.format.arrow.ArrowTake;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Matches rows before with rows after by one key: first all are added, then {@link #step} tells
 * what was found, bit by bit. Confined to one thread; owns its rows.
 */
final class MatchStage implements AutoCloseable {
  /** Takes what is found. */
  interface Sink {
    /** Pairs of a row before and the row after that it became, one after the other; taken over. */
    void updated(VectorSchemaRoot pairs);

    /** Rows that have no equal on the other side; taken over. */
    void alone(boolean before, VectorSchemaRoot rows);
  }

  private final RowKey key;
  private final SpooledRows rows;
  private final BufferAllocator allocator;
  private @Nullable Open open;

  MatchStage(RowKey key, Schema schema, MatchMemory memory) {
    this.key = key;
    this.rows = new SpooledRows(key, schema, memory, 0);
    this.allocator = memory.allocator();
  }

  /** What is being matched, and how many of its batches before were told of as unmatched. */
  private static final class Open {
    final SpooledRows.Bucket bucket;
    final KeyTable table;
    boolean probed;
    int told;

    Open(RowKey key, SpooledRows.Bucket bucket) {
      this.bucket = bucket;
      this.table = new KeyTable(key, bucket.before());
    }
  }

  /** Takes rows over. */
  void add(boolean before, VectorSchemaRoot batch) {
    rows.add(before, batch);
  }

  /** Goes on by about a batch; false at the end. */
  boolean step(Sink sink) {
    Open at = open;
    if (at == null) {
      SpooledRows.Bucket bucket = rows.next();
      if (bucket == null) {
        return false;
      }
      try {
        open = new Open(key, bucket);
      } catch (RuntimeException | Error e) {
        bucket.close();
        throw e;
      }
      return true;
    }
    if (!at.probed) {
      try (VectorSchemaRoot after = at.bucket.nextAfter()) {
        if (after != null) {
          probe(at, after, sink);
          return true;
        }
      }
      at.probed = true;
    }
    if (at.told < at.bucket.before().size()) {
      int batch = at.told++;
      tell(true, at.bucket.before().get(batch), at.table.unmatched(batch), sink);
      return true;
    }
    open = null;
    at.bucket.close();
    return true;
  }

  private void probe(Open at, VectorSchemaRoot after, Sink sink) {
    int count = after.getRowCount();
    List<VectorSchemaRoot> sources = new ArrayList<>(at.bucket.before());
    sources.add(after);
    long[] pairs = new long[2 * count];
    long[] alone = new long[count];
    int paired = 0;
    int single = 0;
    for (int row = 0; row < count; row++) {
      KeyTable.Found found = at.table.take(after, row);
      if (found == null) {
        alone[single++] = ArrowTake.pick(0, row);
      } else if (found.likeness() == Likeness.UPDATED) {
        pairs[paired++] = found.pick();
        pairs[paired++] = ArrowTake.pick(sources.size() - 1, row);
      }
    }
    if (paired > 0) {
      sink.updated(ArrowTake.take(sources, pairs, 0, paired, allocator));
    }
    tell(false, after, Arrays.copyOf(alone, single), sink);
  }

  private void tell(boolean before, VectorSchemaRoot from, long[] picks, Sink sink) {
    if (picks.length > 0) {
      sink.alone(before, ArrowTake.take(List.of(from), picks, 0, picks.length, allocator));
    }
  }

  @Override
  public void close() {
    Open at = open;
    open = null;
    try (rows) {
      if (at != null) {
        at.bucket.close();
      }
    }
  }
}
