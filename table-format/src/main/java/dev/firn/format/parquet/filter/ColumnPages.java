package dev.firn.format.parquet.filter;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.apache.parquet.schema.ColumnOrder.ColumnOrderName;
import org.jspecify.annotations.Nullable;

/** What the column index and the offset index of one column chunk say of its pages. Immutable. */
final class ColumnPages {
  private static final String COLUMN_INDEX = "the column index";

  private final PageLocations pages;
  private final ColumnIndex index;
  private final boolean ordered;

  private ColumnPages(PageLocations pages, ColumnIndex index, boolean ordered) {
    this.pages = pages;
    this.index = index;
    this.ordered = ordered;
  }

  /** Null where the file lacks either index. */
  static @Nullable ColumnPages read(FileParts parts, long rows, ColumnChunkMetaData chunk) {
    IndexReference reference = chunk.getColumnIndexReference();
    if (reference == null || chunk.getOffsetIndexReference() == null) {
      return null;
    }
    PageLocations pages = PageLocations.read(parts, rows, chunk);
    if (pages == null) {
      return null;
    }
    long at = reference.getOffset();
    ColumnIndex index = parts.parse(COLUMN_INDEX, at, reference.getLength(), new ColumnIndex());
    checkSize(parts, at, "null pages", index.getNull_pages(), pages);
    checkSize(parts, at, "minima", index.getMin_values(), pages);
    checkSize(parts, at, "maxima", index.getMax_values(), pages);
    if (index.isSetNull_counts()) {
      checkSize(parts, at, "null counts", index.getNull_counts(), pages);
    }
    boolean ordered =
        chunk.getPrimitiveType().columnOrder().getColumnOrderName()
            == ColumnOrderName.TYPE_DEFINED_ORDER;
    return new ColumnPages(pages, index, ordered);
  }

  private static void checkSize(
      FileParts parts, long at, String what, List<?> list, PageLocations pages) {
    if (list.size() != pages.pages()) {
      throw parts.corrupt(
          COLUMN_INDEX,
          at,
          "it has %d %s, the offset index %d pages".formatted(list.size(), what, pages.pages()),
          null);
    }
  }

  /** The rows of the pages that may have a match. */
  RowRanges rows(ColumnClause clause) {
    RowRanges.Builder rows = new RowRanges.Builder();
    for (int page = 0; page < pages.pages(); page++) {
      if (clause.mayMatch(bounds(clause, page))) {
        rows.add(pages.firstRow(page), pages.endRow(page));
      }
    }
    return rows.build();
  }

  private ValueBounds bounds(ColumnClause clause, int page) {
    long rows = pages.endRow(page) - pages.firstRow(page);
    long nulls = index.isSetNull_counts() ? index.getNull_counts().get(page) : -1;
    if (index.getNull_pages().get(page)) {
      boolean agreed = nulls < 0 || nulls == rows;
      return new ValueBounds(null, null, rows, agreed ? rows : -1);
    }
    ByteBuffer low = ordered ? index.getMin_values().get(page) : null;
    ByteBuffer high = ordered ? index.getMax_values().get(page) : null;
    // A page of nulls only would have been marked so.
    return ValueBounds.of(clause.form(), low, high, rows, nulls == rows ? -1 : nulls);
  }
}
