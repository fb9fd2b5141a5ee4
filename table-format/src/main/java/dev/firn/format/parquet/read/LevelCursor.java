package dev.firn.format.parquet.read;

import dev.firn.format.parquet.page.ColumnChunk;
import dev.firn.format.parquet.page.Levels;
import dev.firn.format.parquet.page.PageValues;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the level pairs of a chunk, a block of one page at a time. The values that belong
 * to pairs passed over are skipped only when later ones of the page are wanted. Confined to one
 * thread at a time.
 */
final class LevelCursor {
  private static final int BLOCK = 4096;

  private final LeafChunk leaf;
  private final int maxDef;
  private final int maxRep;
  final short[] def = new short[BLOCK];
  final short[] rep = new short[BLOCK];

  /** The block: pairs {@code [at, end)} of the arrays. */
  int at;

  int end;

  /** Pairs of the page after the block. */
  private int pageLeft;

  private boolean onPage;
  private long owed;
  private @Nullable Levels definition;
  private @Nullable Levels repetition;
  private @Nullable PageValues values;

  LevelCursor(LeafChunk leaf, StoredLeaf stored) {
    this.leaf = leaf;
    this.maxDef = stored.maxDef();
    this.maxRep = stored.maxRep();
  }

  void start(GroupData group) {
    leaf.start(group);
    leavePage();
  }

  private void leavePage() {
    if (onPage && definition == null) {
      leaf.pageSkipped();
    }
    onPage = false;
    at = 0;
    end = 0;
    pageLeft = 0;
    owed = 0;
    definition = null;
    repetition = null;
    values = null;
  }

  /** Whether the page has more pairs, those of the block among them. */
  boolean hasMoreOnPage() {
    return at < end || pageLeft > 0;
  }

  /** Makes the block non-empty if the page has more pairs; false at its end. */
  boolean fill() {
    if (at < end) {
      return true;
    }
    if (pageLeft == 0) {
      return false;
    }
    settle();
    int count = Math.min(BLOCK, pageLeft);
    at = 0;
    end = count;
    pageLeft -= count;
    levels(definition).read(count, def, 0);
    if (maxRep > 0) {
      levels(repetition).read(count, rep, 0);
    }
    return true;
  }

  private static Levels levels(@Nullable Levels levels) {
    if (levels == null) {
      throw new IllegalStateException("no page");
    }
    return levels;
  }

  private void settle() {
    if (definition == null) {
      ColumnChunk chunk = leaf.chunk();
      leaf.pageDecoded();
      repetition = chunk.repetition();
      definition = chunk.definition();
    }
  }

  /** Goes to the next page that has pairs; false where there is none. The page must be used up. */
  boolean nextPage() {
    leavePage();
    while (leaf.chunk().nextPage()) {
      onPage = true;
      pageLeft = leaf.chunk().entries();
      if (pageLeft > 0) {
        return true;
      }
      leavePage();
    }
    return false;
  }

  /** Goes to a page of the index. */
  void seekPage(PageIndex index, int page) {
    leavePage();
    leaf.chunk().seekPage(page, index.offset(page), index.offset(page + 1));
    onPage = true;
    pageLeft = leaf.chunk().entries();
  }

  /** Passes over {@code count} pairs of the page, or fewer where it ends; returns how many. */
  int skip(int count) {
    int inBlock = Math.min(count, end - at);
    owed += present(at, at + inBlock);
    at += inBlock;
    int rest = Math.min(count - inBlock, pageLeft);
    if (rest == 0) {
      return inBlock;
    }
    if (rest < pageLeft || definition != null) {
      settle();
      if (maxRep > 0) {
        levels(repetition).skip(rest);
      }
      owed += levels(definition).skip(rest);
    }
    pageLeft -= rest;
    return inBlock + rest;
  }

  /** How many pairs {@code [from, to)} of the block have a value. */
  int present(int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      count += def[i] == maxDef ? 1 : 0;
    }
    return count;
  }

  /** Passes over the next {@code count} values. */
  void owe(int count) {
    owed += count;
  }

  /** The values of the page, those passed over skipped. */
  PageValues values() {
    PageValues current = values;
    if (current == null) {
      current = leaf.chunk().values();
      values = current;
    }
    if (owed > 0) {
      current.skip((int) owed);
      owed = 0;
    }
    return current;
  }
}
