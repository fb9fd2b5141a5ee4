package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.Dictionary;
import dev.firn.format.parquet.page.PageValues;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;

/**
 * A top-level primitive column. Where a page is read without gaps, levels become the validity
 * bitmap and values go straight to the vector; else a list of what to take is made per page.
 */
final class FlatColumn implements Column {
  /** Below one row left out of so many, runs of rows are cheaper than a list. */
  private static final int RUN_SHIFT = 7;

  private final StoredLeaf stored;
  private final LeafChunk leaf;
  private final FlatCursor cursor;
  private final LeafSink sink;
  private final Slab scratch;
  private int[] take = new int[0];

  FlatColumn(StoredLeaf stored, LeafSink sink, BufferAllocator allocator) {
    this.stored = stored;
    this.leaf = new LeafChunk(stored, allocator);
    this.cursor = new FlatCursor(leaf, stored.maxDef() > 0);
    this.sink = sink;
    this.scratch = new Slab(allocator);
  }

  @Override
  public FieldVector vector() {
    return sink.vector;
  }

  @Override
  public List<StoredLeaf> leaves() {
    return List.of(stored);
  }

  @Override
  public void start(GroupData group) {
    cursor.start(group);
  }

  @Override
  public int mostRows() {
    try {
      return RowBound.of(leaf, sink);
    } catch (RuntimeException e) {
      throw leaf.failure(e);
    }
  }

  /** The dictionary of the current row group. */
  Dictionary entries() {
    Dictionary entries = leaf.chunk().dictionary();
    if (entries == null) {
      throw leaf.corrupt("the column chunk has no dictionary, though the footer says so");
    }
    return entries;
  }

  @Override
  public void recycle() {
    sink.recycle();
    sink.vector.clear();
  }

  @Override
  public void read(long first, Selection rows) {
    try {
      sink.start(rows.count(), leaf.estimate(rows.count()));
      long validity = sink.validity(rows.count(), 0);
      for (int slot = 0; slot < rows.count(); ) {
        int row = rows.row(slot);
        cursor.seek(first + row);
        int count = Math.min(rows.rows() - row, cursor.left());
        page(rows, row, count, validity);
        slot = rows.rank(row + count);
      }
      sink.finish(rows.count());
    } catch (RuntimeException e) {
      throw leaf.failure(e);
    }
  }

  /** Reads {@code count} rows of the current page, the first of which is {@code row}. */
  private void page(Selection rows, int row, int count, long validity) {
    int low = rows.rank(row);
    int high = rows.rank(row + count);
    int kept = high - low;
    if (kept == count) {
      whole(count, low, validity);
    } else if (count - kept < count >>> RUN_SHIFT) {
      runs(rows, row, count, validity);
    } else {
      part(rows, row, count, validity);
    }
  }

  /** All of the next {@code count} rows, to slot {@code slot} and on. */
  private void whole(int count, int slot, long validity) {
    PageValues values = cursor.values();
    int present = cursor.validity(count, validity, slot);
    if (present == count) {
      sink.append(values, count);
    } else {
      int[] slots = take(count);
      RankedBits.all(validity, slot, count, present, slots);
      sink.appendTaken(values, present, slots, count);
    }
    cursor.read(count);
  }

  /** Few rows are left out: the runs between them. */
  private void runs(Selection rows, int row, int count, long validity) {
    int at = row;
    int high = rows.rank(row + count);
    for (int slot = rows.rank(row); slot < high; ) {
      int start = rows.row(slot);
      int end = rows.runEnd(slot, high);
      cursor.skip(start - at);
      whole(end - slot, slot, validity);
      at = start + end - slot;
      slot = end;
    }
    cursor.skip(row + count - at);
  }

  /** Some of the next {@code count} rows. */
  private void part(Selection rows, int row, int count, long validity) {
    int low = rows.rank(row);
    int kept = rows.rank(row + count) - low;
    PageValues values = cursor.values();
    int[] positions = rows.positions(low, low + kept, row);
    long bits = scratch.ensure(Bitmaps.bytes(count), 0).memoryAddress();
    int present = cursor.validity(count, bits, 0);
    if (present == count) {
      Bitmaps.fill(validity, low, kept, true);
      sink.appendKept(values, count, positions, kept);
    } else {
      int[] ranks = take(kept);
      RankedBits.take(bits, count, positions, kept, ranks, validity, low);
      sink.appendTaken(values, present, ranks, kept);
    }
    cursor.read(count);
  }

  private int[] take(int count) {
    if (take.length < count) {
      take = new int[Math.max(count, 1024)];
    }
    return take;
  }

  @Override
  public void close() {
    leaf.close();
    sink.close();
    scratch.close();
  }
}
