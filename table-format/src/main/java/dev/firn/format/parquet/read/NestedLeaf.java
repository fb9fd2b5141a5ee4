package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import java.util.Arrays;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A column of the file below a struct, list or map: reads the level pairs of the rows that are
 * kept, and the slots that they make. Confined to one thread at a time. Owns its memory.
 */
final class NestedLeaf implements AutoCloseable {
  /** What one batch may have; a list of that many nulls takes no bytes in the file. */
  private static final int MOST_LEVELS = 1 << 26;

  private final StoredLeaf stored;
  private final LeafChunk leaf;
  private final LevelCursor cursor;
  private final @Nullable LeafSink sink;
  private final int maxDef;
  private final int maxRep;
  private final int slotDef;

  /** The next row of the row group. */
  private long row;

  /** The first row of the current page of the index, and the one after it; where there is one. */
  private long pageEnd;

  private short[] def = new short[0];
  private short[] rep = new short[0];
  private int levels;
  private int slots;
  private int[] take = new int[1024];

  /** Reads levels only where {@code sink} is null. */
  NestedLeaf(StoredLeaf stored, @Nullable LeafSink sink, BufferAllocator allocator) {
    this.stored = stored;
    this.leaf = new LeafChunk(stored, allocator);
    this.cursor = new LevelCursor(leaf, stored);
    this.sink = sink;
    this.maxDef = stored.maxDef();
    this.maxRep = stored.maxRep();
    this.slotDef = stored.shape().slotDef();
  }

  StoredLeaf stored() {
    return stored;
  }

  void start(GroupData group) {
    cursor.start(group);
    row = 0;
    pageEnd = 0;
  }

  int mostRows() {
    try {
      return sink == null ? Integer.MAX_VALUE : RowBound.of(leaf, sink);
    } catch (RuntimeException e) {
      throw leaf.failure(e);
    }
  }

  void recycle() {
    if (sink != null) {
      sink.recycle();
    }
  }

  /** Definition levels of the rows read last. */
  short[] definition() {
    return def;
  }

  /** Repetition levels of the rows read last; not filled where the column is not repeated. */
  short[] repetition() {
    return rep;
  }

  /** Level pairs of the rows read last. */
  int levels() {
    return levels;
  }

  /** Slots that the rows read last have in the vector. */
  int slots() {
    return slots;
  }

  FirnException corrupt(String reason) {
    return leaf.corrupt(reason);
  }

  FirnException failure(RuntimeException e) {
    return leaf.failure(e);
  }

  /** Reads the kept rows of {@code rows}, counted from {@code first}. */
  void read(long first, Selection rows) {
    levels = 0;
    slots = 0;
    if (sink != null) {
      sink.start(rows.count(), leaf.estimate(rows.count()));
    }
    PageIndex index = leaf.index();
    if (index == null) {
      int from = rows.row(0);
      seek(first + from);
      readRows(rows, from, rows.row(rows.count() - 1) + 1, false);
    } else {
      readPages(first, rows, index);
    }
    if (sink != null) {
      validity(sink.validity(slots, 0));
      sink.finish(slots);
    }
  }

  /** Reads page by page those that have rows that are kept; pages start with a row. */
  private void readPages(long first, Selection rows, PageIndex index) {
    for (int at = 0; at < rows.count(); ) {
      int from = rows.row(at);
      if (first + from >= pageEnd) {
        int page = index.page(first + from);
        cursor.seekPage(index, page);
        row = index.firstRow(page);
        pageEnd = index.firstRow(page + 1);
      }
      int to = (int) Math.min(rows.rows(), pageEnd - first);
      seek(first + from);
      readRows(rows, from, to, true);
      if (first + to == pageEnd && cursor.hasMoreOnPage()) {
        throw corrupt("the page has more rows than the offset index says");
      }
      at = rows.rank(to);
    }
  }

  /** Passes over rows until {@code target}. */
  private void seek(long target) {
    while (row < target) {
      if (!cursor.hasMoreOnPage() && !cursor.nextPage()) {
        throw tooFewRows();
      }
      if (maxRep == 0) {
        row += cursor.skip((int) Math.min(target - row, Integer.MAX_VALUE));
      } else {
        row += passRows((int) Math.min(target - row, Integer.MAX_VALUE));
      }
    }
  }

  private FirnException tooFewRows() {
    return corrupt("the pages hold %d rows, fewer than the row group".formatted(row));
  }

  /** Passes over up to {@code count} whole rows, which may end in a later page. */
  private int passRows(int count) {
    int started = 0;
    while (true) {
      if (!cursor.fill() && !(started > 0 && pageEnd == 0 && cursor.nextPage() && cursor.fill())) {
        return started;
      }
      int stop = rowEnd(started, count);
      if (started == 0 && cursor.rep[cursor.at] != 0) {
        throw corrupt("a row starts with repetition level " + cursor.rep[cursor.at]);
      }
      started += starts(cursor.at, stop);
      cursor.owe(cursor.present(cursor.at, stop));
      boolean done = stop < cursor.end;
      cursor.at = stop;
      if (done) {
        return started;
      }
    }
  }

  /** Where in the block the row after {@code count} ones starts, {@code started} having started. */
  private int rowEnd(int started, int count) {
    int seen = started;
    for (int i = cursor.at; i < cursor.end; i++) {
      if (cursor.rep[i] == 0 && seen++ == count) {
        return i;
      }
    }
    return cursor.end;
  }

  private int starts(int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      count += cursor.rep[i] == 0 ? 1 : 0;
    }
    return count;
  }

  /**
   * Reads rows {@code [from, to)} of the window, the first of which is the next row. A row ends
   * where the next one starts, possibly in a later page, unless pages are known to end with a row.
   */
  private void readRows(Selection rows, int from, int to, boolean pagesEndRows) {
    int started = from;
    while (true) {
      boolean complete =
          started == to && (maxRep == 0 || (pagesEndRows && !cursor.hasMoreOnPage()));
      if (complete) {
        break;
      }
      if (!cursor.fill()) {
        boolean more = !(pagesEndRows && started == to) && cursor.nextPage();
        if (!more && started < to) {
          throw tooFewRows();
        }
        if (!more) {
          break;
        }
        continue;
      }
      int stop = maxRep == 0 ? Math.min(cursor.end, cursor.at + to - started) : rowEnd(started, to);
      if (started == from && maxRep > 0 && cursor.rep[cursor.at] != 0) {
        throw corrupt("a row starts with repetition level " + cursor.rep[cursor.at]);
      }
      boolean done = stop < cursor.end;
      started = take(rows, started, stop);
      if (done) {
        break;
      }
    }
    row += to - from;
  }

  /**
   * Takes the pairs up to {@code stop} of the block; returns how many rows have started by then.
   */
  private int take(Selection rows, int started, int stop) {
    int from = cursor.at;
    int count = stop - from;
    reserve(count);
    int present = cursor.present(from, stop);
    int before = levels;
    int now;
    if (rows.isAll()) {
      System.arraycopy(cursor.def, from, def, levels, count);
      if (maxRep > 0) {
        System.arraycopy(cursor.rep, from, rep, levels, count);
      }
      levels += count;
      now = started + (maxRep == 0 ? count : starts(from, stop));
      cursor.at = stop;
      appendAll(before, present);
    } else {
      now = takeSome(rows, started, stop, present);
    }
    return now;
  }

  /** Makes slots of the pairs from {@code before} on, none of which was left out. */
  private void appendAll(int before, int present) {
    if (present == levels - before) {
      append(present, present, true);
      return;
    }
    int taken = 0;
    int rank = 0;
    for (int i = before; i < levels; i++) {
      boolean valid = def[i] == maxDef;
      if (def[i] >= slotDef) {
        take[taken++] = valid ? rank : present;
      }
      rank += valid ? 1 : 0;
    }
    append(present, taken, taken == present);
  }

  private int takeSome(Selection rows, int started, int stop, int present) {
    int taken = 0;
    int rank = 0;
    int now = started;
    // The row being read may have started in an earlier block.
    int next = rows.rank(started);
    boolean kept = next > 0 && rows.row(next - 1) == started - 1;
    for (int i = cursor.at; i < stop; i++) {
      short d = cursor.def[i];
      if (maxRep == 0 || cursor.rep[i] == 0) {
        kept = next < rows.count() && rows.row(next) == now;
        next += kept ? 1 : 0;
        now++;
      }
      boolean valid = d == maxDef;
      if (kept) {
        def[levels] = d;
        rep[levels++] = cursor.rep[i];
        if (d >= slotDef) {
          take[taken++] = valid ? rank : present;
        }
      }
      rank += valid ? 1 : 0;
    }
    cursor.at = stop;
    append(present, taken, false);
    return now;
  }

  /**
   * Consumes {@code present} values of the page and appends the {@code taken} ones to the vector;
   * {@code all} where these are all, and nothing is null.
   */
  private void append(int present, int taken, boolean all) {
    slots += taken;
    if (sink == null) {
      return;
    }
    if (taken == 0) {
      cursor.owe(present);
    } else if (all) {
      sink.append(cursor.values(), present);
    } else {
      sink.appendTaken(cursor.values(), present, take, taken);
    }
  }

  private void reserve(int more) {
    if (take.length < more) {
      take = new int[more];
    }
    if (def.length - levels >= more) {
      return;
    }
    if (levels + more > MOST_LEVELS) {
      throw FirnException.invalid(
          "Cannot read column %s: the rows of one batch have more than %d values; lower the rows of a batch"
              .formatted(stored.path().toDotString(), MOST_LEVELS));
    }
    int size = Math.max(levels + more, def.length * 2);
    def = Arrays.copyOf(def, size);
    rep = Arrays.copyOf(rep, size);
  }

  private void validity(long bits) {
    LevelWalk.validity(def, levels, slotDef, maxDef, bits);
  }

  @Override
  public void close() {
    leaf.close();
    if (sink != null) {
      sink.close();
    }
  }
}
