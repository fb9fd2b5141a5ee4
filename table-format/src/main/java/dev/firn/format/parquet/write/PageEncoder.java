package dev.firn.format.parquet.write;

import dev.firn.error.FirnException;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.parquet.column.Encoding;

/** Puts one page together: its levels, then its values, in the memory of a bench. */
final class PageEncoder {
  // What a reader can hold in one array.
  private static final long MOST = Integer.MAX_VALUE - 1024;

  private final PageLevels levels;
  private final ColumnValues values;
  private final Bench bench;
  private long length;

  PageEncoder(PageLevels levels, ColumnValues values, Bench bench) {
    this.levels = levels;
    this.values = values;
    this.bench = bench;
  }

  /** Encodes the page to {@link Bench#page}. */
  Encoding encode(EncodingChoice choice) {
    long levelBytes = levels.bound();
    ValueDictionary entries = values.dictionary();
    // A page of nulls alone is PLAIN as long as there is no dictionary that it could refer to.
    if (entries != null && choice.dictionary() && entries.size() > 0) {
      int width = Math.max(1, Hybrid.width(entries.size() - 1));
      long bound = levelBytes + 1 + Hybrid.bound(values.count(), width);
      long start = bench.page.ensure(bound, 0);
      long at = levels.encode(start);
      MemoryUtil.putByte(at++, (byte) width);
      length = Hybrid.encode(values.ids(), values.count(), width, at) - start;
      return Encoding.RLE_DICTIONARY;
    }
    long bytes = values.plainBytes();
    long start = bench.page.ensure(levelBytes + bytes, 0);
    long at = levels.encode(start);
    if (entries != null) {
      entries.plain(values.ids(), values.count(), at);
    } else {
      MemoryUtil.copyMemory(values.plain(), at, bytes);
    }
    length = at + bytes - start;
    return Encoding.PLAIN;
  }

  /** The length of the page. One that no reader could hold is {@code INVALID}. */
  int length(Leaf leaf) {
    if (length > MOST) {
      throw FirnException.invalid(
          "Cannot write rows: a row of column "
              + leaf.name()
              + " is too long for a page, expected at most "
              + MOST
              + " bytes, got "
              + length);
    }
    return (int) length;
  }
}
