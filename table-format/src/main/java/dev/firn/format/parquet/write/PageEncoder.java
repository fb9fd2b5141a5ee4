package dev.firn.format.parquet.write;

import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.Encoding;

/** Puts one page together: its levels, then its values, in the memory of a bench. */
final class PageEncoder {
  private final PageLevels levels;
  private final ColumnValues values;
  private final Workbench bench;
  private long length;
  private long levelBytes;

  PageEncoder(PageLevels levels, ColumnValues values, Workbench bench) {
    this.levels = levels;
    this.values = values;
    this.bench = bench;
  }

  /** The length of the page that was encoded last. */
  long length() {
    return length;
  }

  /** The length of the levels before the values of the page that was encoded last. */
  int levelBytes() {
    return Math.toIntExact(levelBytes);
  }

  /**
   * Encodes the page to {@link Workbench#page} by {@code wanted}, or PLAIN if it has no values or
   * that would be shorter; returns which.
   */
  Encoding encode(Encoding wanted) {
    ValueDictionary entries = values.dictionary();
    // Without entries there is nothing that ids could refer to.
    if (wanted == Encoding.RLE_DICTIONARY && entries != null && entries.size() > 0) {
      ids(entries);
      return wanted;
    }
    if (values.count() > 0 && wanted == Encoding.DELTA_BINARY_PACKED && delta()) {
      return wanted;
    }
    long bytes = values.plainBytes();
    if (values.count() > 0 && wanted == Encoding.BYTE_STREAM_SPLIT) {
      long plain = plain();
      long at = start(bytes);
      ByteStreamSplit.encode(plain, values.count(), values.width(), at);
      end(at + bytes);
      return wanted;
    }
    long at = start(bytes);
    if (entries != null) {
      entries.plain(values.ids(), values.count(), at);
    } else {
      MemoryUtil.copyMemory(values.plain(), at, bytes);
    }
    end(at + bytes);
    return Encoding.PLAIN;
  }

  /** Makes room for the levels and {@code bytes}, and encodes the levels; returns where. */
  private long start(long bytes) {
    long page = bench.page.ensure(levels.bound() + bytes, 0);
    long at = levels.encode(page);
    levelBytes = at - page;
    return at;
  }

  private void end(long at) {
    length = at - bench.page.address();
  }

  private void ids(ValueDictionary entries) {
    int width = Math.max(1, Hybrid.width(entries.size() - 1));
    long at = start(1 + Hybrid.bound(values.count(), width));
    MemoryUtil.putByte(at++, (byte) width);
    end(Hybrid.encode(values.ids(), values.count(), width, at));
  }

  /** False if PLAIN would be as short. */
  private boolean delta() {
    int width = values.width();
    long plain = plain();
    long at = start(DeltaEncoder.bound(values.count(), width));
    long end =
        width == 8
            ? bench.delta.longs(plain, values.count(), at)
            : bench.delta.ints(plain, values.count(), at);
    end(end);
    return end - at < values.plainBytes();
  }

  /** Where the values stand PLAIN, until the next use of the bench. */
  long plain() {
    ValueDictionary entries = values.dictionary();
    if (entries == null) {
      return values.plain();
    }
    long to = bench.values.ensure(values.plainBytes(), 0);
    entries.plain(values.ids(), values.count(), to);
    return to;
  }
}
