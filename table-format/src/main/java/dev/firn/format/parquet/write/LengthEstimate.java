package dev.firn.format.parquet.write;

import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.jspecify.annotations.Nullable;

/**
 * What a column adds to the length of its file beyond the pages that are finished, by what its
 * earlier pages came to.
 */
final class LengthEstimate {
  // Page headers, with checksum.
  private static final int HEADER = 30;
  // A page's share of the offset and column index, without its bounds.
  private static final int INDEX = 16;
  // A chunk's metadata and its column's place in the schema, without names and bounds.
  private static final int CHUNK = 120;
  private static final int SCHEMA = 24;
  private static final int LONGEST_BOUND = 64;
  // Before anything was compressed.
  private static final double GUESS = 0.5;

  private final int nameBytes;
  private final boolean compresses;
  private double pageRatio = -1;
  private double dictionaryRatio = -1;
  private long bounds = 8;
  private long pagesOfAll;
  private long chunks;

  LengthEstimate(Leaf leaf, ParquetSettings settings) {
    this.nameBytes = leaf.name().length();
    this.compresses = settings.codec() != CompressionCodecName.UNCOMPRESSED;
  }

  /** A page was finished. */
  void page(int compressed, int length) {
    double ratio = (double) compressed / Math.max(1, length);
    pageRatio = pageRatio < 0 ? ratio : 0.8 * pageRatio + 0.2 * ratio;
    pagesOfAll++;
  }

  /** A chunk's dictionary page was finished. */
  void dictionary(int compressed, int length) {
    dictionaryRatio = (double) compressed / Math.max(1, length);
  }

  /** A bound of the page was this long. */
  void bound(int length) {
    bounds = Math.min(LONGEST_BOUND, Math.max(bounds, length));
  }

  /** The chunk was written. */
  void written() {
    chunks++;
  }

  /** What the page being filled, the dictionary, and page headers come to. */
  long pending(ColumnValues values, @Nullable ValueDictionary entries, int pages) {
    double bytes = HEADER * (double) pages;
    double page =
        entries == null || values.dictionary() == null
            ? values.plainBytes()
            : (double) values.count() * Math.max(1, Hybrid.width(entries.size() - 1)) / 8;
    bytes += page * ratio(pageRatio) + (values.count() > 0 ? HEADER : 0);
    if (entries != null && entries.size() > 0) {
      bytes += entries.plainBytes() * ratio(dictionaryRatio) + HEADER;
    }
    return (long) bytes;
  }

  private double ratio(double known) {
    return known >= 0 ? known : compresses ? GUESS : 1;
  }

  /** The column's share of indexes and footer. */
  long footer() {
    return (pagesOfAll + 1) * (INDEX + 2 * bounds)
        + (chunks + 1) * (CHUNK + nameBytes + 4 * bounds)
        + SCHEMA
        + nameBytes;
  }
}
