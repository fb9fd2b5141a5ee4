package dev.firn.format.parquet.read;

import dev.firn.format.parquet.filter.ThriftBytes;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageLocation;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.jspecify.annotations.Nullable;
import shaded.parquet.org.apache.thrift.TException;

/** Where the data pages of a column chunk start, in the file and in the row group. Immutable. */
final class PageIndex {
  private final long[] offsets;
  private final long[] firstRows;

  private PageIndex(long[] offsets, long[] firstRows) {
    this.offsets = offsets;
    this.firstRows = firstRows;
  }

  /**
   * Where the first of the indexes of these row groups starts; -1: there is none, or column chunks
   * lie behind it.
   */
  static long first(List<Footer.Group> groups) {
    long first = Long.MAX_VALUE;
    long chunks = 0;
    for (Footer.Group group : groups) {
      for (ColumnChunkMetaData chunk : group.block().getColumns()) {
        first = Math.min(first, start(chunk.getColumnIndexReference()));
        first = Math.min(first, start(chunk.getOffsetIndexReference()));
        chunks = Math.max(chunks, chunk.getStartingPos() + chunk.getTotalSize());
      }
    }
    return first == Long.MAX_VALUE || first < chunks ? -1 : first;
  }

  private static long start(@Nullable IndexReference index) {
    return index == null ? Long.MAX_VALUE : index.getOffset();
  }

  /** Parses an offset index; null where it is damaged or does not fit the chunk. */
  static @Nullable PageIndex parse(byte[] bytes, ColumnChunkMetaData chunk, long rows) {
    OffsetIndex index = new OffsetIndex();
    try {
      new ThriftBytes(bytes).readInto(index);
    } catch (TException e) {
      return null; // pages can be found without it
    }
    int pages = index.getPage_locationsSize();
    long[] offsets = new long[pages + 1];
    long[] firstRows = new long[pages + 1];
    offsets[pages] = chunk.getStartingPos() + chunk.getTotalSize();
    firstRows[pages] = rows;
    for (int i = 0; i < pages; i++) {
      PageLocation page = index.getPage_locations().get(i);
      offsets[i] = page.getOffset();
      firstRows[i] = page.getFirst_row_index();
    }
    boolean sound =
        pages > 0
            && offsets[0] >= chunk.getStartingPos()
            && firstRows[0] == 0
            && ascends(offsets)
            && ascends(firstRows);
    return sound ? new PageIndex(offsets, firstRows) : null;
  }

  private static boolean ascends(long[] values) {
    for (int i = 1; i < values.length; i++) {
      if (values[i] <= values[i - 1]) {
        return false;
      }
    }
    return true;
  }

  int pages() {
    return offsets.length - 1;
  }

  /** Where page {@code page} starts in the file; for {@link #pages}, where the last one ends. */
  long offset(int page) {
    return offsets[page];
  }

  /** The first row of page {@code page}; for {@link #pages}, the rows of the row group. */
  long firstRow(int page) {
    return firstRows[page];
  }

  /** The page that holds {@code row}. */
  int page(long row) {
    int at = Arrays.binarySearch(firstRows, row);
    return at < 0 ? -at - 2 : at;
  }
}
