package dev.firn.scan;

import dev.firn.format.parquet.filter.BatchPredicate;
import dev.firn.format.parquet.filter.RowBits;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The positions of one data file whose rows equality deletes name, one bit each, as a test of its
 * rows. Confined to one thread.
 *
 * <p>How it works: of the deletes' keys one part at a time is held, by their hash, and the keys of
 * the whole file are read against it. A part that turns out too large is split.
 */
final class DeadRows implements BatchPredicate {
  private static final int CHUNK_BITS = 30;

  private final DeleteFiles files;
  private final BufferAllocator allocator;
  private final Supplier<BatchCursor> keyRows;
  private final int positions;
  private final Map<Long, BitSet> dead = new HashMap<>();
  private final RowBits keep = new RowBits();

  private DeadRows(
      Schema tested, DeleteFiles files, BufferAllocator allocator, Supplier<BatchCursor> keyRows) {
    this.files = files;
    this.allocator = allocator;
    this.keyRows = keyRows;
    this.positions = positions(tested);
  }

  /** As {@link EqualityDeletes#load}; one at a time of one reader. */
  static DeadRows find(
      List<EqualityDeletes.Group> groups,
      Schema tested,
      DeleteFiles files,
      BufferAllocator allocator,
      Supplier<BatchCursor> keyRows) {
    DeadRows rows = new DeadRows(tested, files, allocator, keyRows);
    synchronized (files.passes()) {
      for (EqualityDeletes.Group group : groups) {
        long bytes = group.records() * group.stored().bytesPerKey();
        int count = HashPart.countFor(bytes, files.keyBytes());
        for (int i = 0; i < count; i++) {
          rows.find(group, new HashPart(i, count));
        }
      }
    }
    return rows;
  }

  private static int positions(Schema tested) {
    return tested.columns().indexOf(tested.findField(MetadataColumns.ROW_POSITION.fieldId()));
  }

  private void find(EqualityDeletes.Group group, HashPart part) {
    KeySet keys = load(group, part);
    if (keys != null) {
      mark(group.tested(), keys);
    } else {
      find(group, part.lower());
      find(group, part.upper());
    }
  }

  /** Null: it does not fit, and is to be split. */
  private @Nullable KeySet load(EqualityDeletes.Group group, HashPart part) {
    long limit = part.canSplit() ? files.keyBytes() : Long.MAX_VALUE;
    KeySet keys = group.stored().newSet(group.records() / part.count(), limit);
    for (DeleteFile file : group.files()) {
      if (!files.fill(file, group.stored(), part, keys, allocator)) {
        return null;
      }
    }
    return keys;
  }

  private void mark(KeyLayout layout, KeySet keys) {
    if (keys.size() == 0) {
      return;
    }
    try (BatchCursor batches = keyRows.get()) {
      while (batches.next()) {
        VectorSchemaRoot batch = batches.root();
        keep.startFull(batch.getRowCount());
        layout.probe(batch, keys, keep);
        BigIntVector at = (BigIntVector) batch.getVector(positions);
        for (int row = 0; row < keep.rows(); row++) {
          if (!keep.get(row)) {
            mark(at.get(row));
          }
        }
      }
    }
  }

  private void mark(long position) {
    dead.computeIfAbsent(position >>> CHUNK_BITS, chunk -> new BitSet()).set(place(position));
  }

  private static int place(long position) {
    return (int) position & ((1 << CHUNK_BITS) - 1);
  }

  @Override
  public void test(VectorSchemaRoot batch, RowBits live) {
    BigIntVector at = (BigIntVector) batch.getVector(positions);
    for (int row = 0; row < live.rows(); row++) {
      long position = at.get(row);
      BitSet chunk = dead.get(position >>> CHUNK_BITS);
      if (chunk != null && chunk.get(place(position))) {
        live.clear(row);
      }
    }
  }
}
