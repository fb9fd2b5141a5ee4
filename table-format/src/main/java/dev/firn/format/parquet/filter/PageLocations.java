package dev.firn.format.parquet.filter;

import dev.firn.storage.RangeReader;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageLocation;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.jspecify.annotations.Nullable;

/**
 * Where the data pages of one column chunk lie and which rows each has, as its offset index says:
 * pages ascend without overlap inside the chunk, and each starts a row and has at least one.
 * Immutable.
 */
final class PageLocations {
  private static final String OFFSET_INDEX = "the offset index";

  private final long[] offsets;
  private final int[] sizes;
  private final long[] firstRows;

  private PageLocations(int pages, long rows) {
    offsets = new long[pages];
    sizes = new int[pages];
    firstRows = new long[pages + 1];
    firstRows[pages] = rows;
  }

  /**
   * Reads the offset index of a chunk of {@code rows} rows; null where the file has none. One that
   * cannot be right is {@code CORRUPT}.
   */
  static @Nullable PageLocations read(
      String location, int rowGroup, long rows, ColumnChunkMetaData chunk, RangeReader file) {
    return read(new FileParts(location, rowGroup, chunk.getPath(), file), rows, chunk);
  }

  static @Nullable PageLocations read(FileParts parts, long rows, ColumnChunkMetaData chunk) {
    IndexReference reference = chunk.getOffsetIndexReference();
    if (reference == null) {
      return null;
    }
    long at = reference.getOffset();
    OffsetIndex index = parts.parse(OFFSET_INDEX, at, reference.getLength(), new OffsetIndex());
    List<PageLocation> pages = index.getPage_locations();
    PageLocations result = new PageLocations(pages.size(), rows);
    for (int i = 0; i < pages.size(); i++) {
      PageLocation page = pages.get(i);
      result.offsets[i] = page.getOffset();
      result.sizes[i] = page.getCompressed_page_size();
      result.firstRows[i] = page.getFirst_row_index();
    }
    String fault = result.fault(chunk);
    if (fault != null) {
      throw parts.corrupt(OFFSET_INDEX, at, fault, null);
    }
    return result;
  }

  private @Nullable String fault(ColumnChunkMetaData chunk) {
    long end = chunk.getStartingPos();
    long chunkEnd = end + chunk.getTotalSize();
    if (firstRows[0] != 0) {
      return "its pages start at row " + firstRows[0] + ", expected 0";
    }
    for (int i = 0; i < pages(); i++) {
      if (offsets[i] < end || sizes[i] <= 0 || offsets[i] > chunkEnd - sizes[i]) {
        return "page %d of %d bytes at %d is not in what is left of the chunk, [%d, %d)"
            .formatted(i, sizes[i], offsets[i], end, chunkEnd);
      }
      if (firstRows[i] >= firstRows[i + 1]) {
        return "page %d starts at row %d, the next or the end at %d"
            .formatted(i, firstRows[i], firstRows[i + 1]);
      }
      end = offsets[i] + sizes[i];
    }
    return null;
  }

  /** How many data pages the chunk has. */
  int pages() {
    return offsets.length;
  }

  /** Where the page's header starts in the file. */
  long offset(int page) {
    return offsets[page];
  }

  /** Bytes of the page, header included. */
  int size(int page) {
    return sizes[page];
  }

  /** The page's first row, counted from the row group's first. */
  long firstRow(int page) {
    return firstRows[page];
  }

  /** The row after the page's last. */
  long endRow(int page) {
    return firstRows[page + 1];
  }

  /** The page that has {@code row}, which must be one of the row group's. */
  int pageOf(long row) {
    int found = Arrays.binarySearch(firstRows, 0, pages(), row);
    return found >= 0 ? found : -found - 2;
  }
}
