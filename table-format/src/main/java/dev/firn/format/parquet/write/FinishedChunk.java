package dev.firn.format.parquet.write;

import dev.firn.format.parquet.checksum.SumCollector;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.bloomfilter.BloomFilter;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.ColumnIndexBuilder;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndexBuilder;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * What the indexes and the footer say of a column chunk, page by page as its pages are made. A
 * builder. Confined to one thread at a time.
 */
public final class FinishedChunk {
  // As parquet-java's writer.
  private static final int TRUNCATED_BOUND = 64;
  private static final int LONGEST_BOUNDS = 4096;

  // Of the footer, and of both indexes for each page, about.
  private static final int CHUNK_BYTES = 200;
  private static final int PAGE_BYTES = 40;

  private final ColumnDescriptor column;
  private final PrimitiveType type;
  private final CompressionCodecName codec;
  private final List<Page> pages = new ArrayList<>();
  private final EncodingStats.Builder stats = new EncodingStats.Builder();
  private final Set<Encoding> encodings = EnumSet.noneOf(Encoding.class);
  private @Nullable Dictionary dictionary;
  private Statistics<?> statistics;
  private @Nullable BloomFilter bloomFilter;
  private boolean indexed = true;
  private boolean sized = true;
  private long entries;
  private long compressed;
  private long uncompressed;

  /** Where a page's bytes go: of its header, and behind it as stored and not compressed. */
  public record Size(int header, int compressed, int uncompressed) {}

  /**
   * A data page.
   *
   * @param headerSum CRC-32C of the header
   * @param statistics null: not known, and then the chunk gets no column index
   * @param sizes null: not known, and then the chunk gets none
   */
  public record Page(
      int headerSum,
      Size size,
      int entries,
      long rows,
      Encoding encoding,
      boolean version2,
      @Nullable Statistics<?> statistics,
      @Nullable SizeStatistics sizes) {}

  private record Dictionary(int headerSum, int pageSum, Size size) {}

  public FinishedChunk(ColumnDescriptor column, CompressionCodecName codec) {
    this.column = column;
    this.type = column.getPrimitiveType();
    this.codec = codec;
    this.statistics = Statistics.getBuilderForReading(type).build();
  }

  /** Adds the dictionary page, by the CRC-32C of its header, and of header and body. */
  public void dictionary(int headerSum, int pageSum, Size size) {
    dictionary = new Dictionary(headerSum, pageSum, size);
    count(size);
    stats.addDictEncoding(Encoding.PLAIN);
    encodings.add(Encoding.PLAIN);
  }

  /** Adds a data page. */
  public void page(Page page) {
    pages.add(page);
    count(page.size());
    entries += page.entries();
    stats.addDataEncoding(page.encoding());
    if (page.version2()) {
      stats.withV2Pages();
    }
    encodings.add(page.encoding());
    encodings.add(Encoding.RLE);
    Statistics<?> known = page.statistics();
    indexed &=
        known != null
            && !known.isEmpty()
            && (known.hasNonNullValue() || known.getNumNulls() == page.entries());
    sized &= page.sizes() != null;
  }

  private void count(Size size) {
    compressed += (long) size.header() + size.compressed();
    uncompressed += (long) size.header() + size.uncompressed();
  }

  /** Sets the chunk's statistics; those of a chunk whose bounds are not known are nulls alone. */
  public void statistics(Statistics<?> all) {
    statistics = all;
    indexed &= all.hasNonNullValue() || all.getNumNulls() == entries;
  }

  /** Sets the chunk's bloom filter. */
  public void bloomFilter(BloomFilter filter) {
    bloomFilter = filter;
  }

  @Nullable BloomFilter bloomFilter() {
    return bloomFilter;
  }

  /** Bytes of all pages, headers included. */
  public long bytes() {
    return compressed;
  }

  long footerBytes() {
    return CHUNK_BYTES + (long) PAGE_BYTES * pages.size();
  }

  void sums(SumCollector sums) {
    if (dictionary != null) {
      sums.dictionary(dictionary.headerSum(), dictionary.pageSum());
    }
    pages.forEach(page -> sums.page(page.headerSum()));
  }

  /** What the footer says of the chunk, whose first byte is at {@code start}. */
  ColumnChunkMetaData meta(long start) {
    return ColumnChunkMetaData.get(
        ColumnPath.get(column.getPath()),
        type,
        codec,
        stats.build(),
        encodings,
        statistics,
        firstPage(start),
        dictionary == null ? 0 : start,
        entries,
        compressed,
        uncompressed,
        sizes());
  }

  private long firstPage(long start) {
    return start + (dictionary == null ? 0 : length(dictionary.size()));
  }

  private static int length(Size size) {
    return size.header() + size.compressed();
  }

  private @Nullable SizeStatistics sizes() {
    SizeStatistics all = null;
    for (Page page : pages) {
      SizeStatistics one = page.sizes();
      if (!sized || one == null) {
        return null;
      }
      if (all == null) {
        all = one.copy();
      } else {
        all.mergeStatistics(one);
      }
    }
    return all;
  }

  /** Null where bounds of pages are not known, or are too long to be worth it. */
  @Nullable ColumnIndex columnIndex() {
    if (!indexed) {
      return null;
    }
    ColumnIndexBuilder index = ColumnIndexBuilder.getBuilder(type, TRUNCATED_BOUND);
    for (Page page : pages) {
      if (sized) {
        index.add(page.statistics(), page.sizes());
      } else {
        index.add(page.statistics());
      }
    }
    boolean worthIt = index.getMinMaxSize() <= (long) index.getPageCount() * LONGEST_BOUNDS;
    return worthIt ? index.build() : null;
  }

  OffsetIndex offsetIndex(long firstPage) {
    OffsetIndexBuilder index = OffsetIndexBuilder.getBuilder();
    for (Page page : pages) {
      SizeStatistics sizes = page.sizes();
      Optional<Long> bytes =
          sized && sizes != null ? sizes.getUnencodedByteArrayDataBytes() : Optional.empty();
      index.add(length(page.size()), page.rows(), bytes);
    }
    return index.build(firstPage);
  }
}
