package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.ColumnChunk;
import dev.firn.format.parquet.page.Levels;
import dev.firn.format.parquet.page.PageValues;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the rows of a chunk where each row has one value or null. Rows passed over cost
 * nothing until a later row of their page is wanted. Confined to one thread at a time.
 */
final class FlatCursor {
  private final LeafChunk leaf;
  private final boolean nullable;

  /** The next row, and the first one after the current page. */
  private long row;

  private long pageEnd;
  private boolean onPage;
  private int passed;
  private @Nullable Levels levels;
  private @Nullable PageValues values;

  FlatCursor(LeafChunk leaf, boolean nullable) {
    this.leaf = leaf;
    this.nullable = nullable;
  }

  /** Goes to the start of another row group. */
  void start(GroupData group) {
    leaf.start(group);
    row = 0;
    pageEnd = 0;
    onPage = false;
    passed = 0;
    levels = null;
    values = null;
  }

  /** Rows left in the current page, which is the next one where the last is used up. */
  int left() {
    while (row == pageEnd) {
      PageIndex index = leaf.index();
      if (index != null && row < index.firstRow(index.pages())) {
        jump(index, index.page(row)); // bytes of pages that nobody wants may not be here
        continue;
      }
      leavePage();
      if (!leaf.chunk().nextPage()) {
        throw leaf.corrupt("the pages hold %d rows, fewer than the row group".formatted(row));
      }
      enterPage();
    }
    return (int) (pageEnd - row);
  }

  private void leavePage() {
    if (onPage && values == null) {
      leaf.pageSkipped();
    }
    onPage = false;
    passed = 0;
    levels = null;
    values = null;
  }

  private void enterPage() {
    onPage = true;
    pageEnd = row + leaf.chunk().entries();
  }

  /** Passes over rows until {@code target}. */
  void seek(long target) {
    PageIndex index = target >= pageEnd && target > row ? leaf.index() : null;
    if (index != null) {
      jump(index, index.page(target));
    }
    while (row < target) {
      skip((int) Math.min(target - row, left()));
    }
  }

  private void jump(PageIndex index, int page) {
    leavePage();
    leaf.chunk().seekPage(page, index.offset(page), index.offset(page + 1));
    row = index.firstRow(page);
    enterPage();
    if (pageEnd != index.firstRow(page + 1)) {
      throw leaf.corrupt("the page has other rows than the offset index says");
    }
  }

  /** Passes over rows of the current page. */
  void skip(int count) {
    row += count;
    if (row < pageEnd) {
      passed += count;
    }
  }

  /** The values of the current page from the next row on. */
  PageValues values() {
    PageValues current = values;
    if (current == null) {
      current = settle();
    } else if (passed > 0) {
      pass(current);
    }
    return current;
  }

  private PageValues settle() {
    ColumnChunk chunk = leaf.chunk();
    leaf.pageDecoded();
    levels = nullable ? chunk.definition() : null;
    PageValues current = chunk.values();
    values = current;
    pass(current);
    return current;
  }

  private void pass(PageValues current) {
    Levels nulls = levels;
    if (passed > 0) {
      current.skip(nulls == null ? passed : nulls.skip(passed));
      passed = 0;
    }
  }

  /**
   * Reads which of the next {@code count} rows of the page are not null into a bitmap; returns how
   * many. Call {@link #values} first.
   */
  int validity(int count, long bitmap, long bit) {
    Levels nulls = levels;
    if (nulls == null) {
      Bitmaps.fill(bitmap, bit, count, true);
      return count;
    }
    return nulls.readBits(count, bitmap, bit);
  }

  /** Tells that {@code count} rows of the page were read. */
  void read(int count) {
    row += count;
  }
}
