package dev.firn.format.parquet.write;

import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;

/**
 * A finished data page: where its compressed bytes are, and what its header and the indexes say of
 * it.
 */
record StoredPage(
    long address,
    int length,
    int uncompressed,
    int entries,
    int rows,
    Encoding encoding,
    Statistics<?> statistics,
    SizeStatistics sizes) {
  /** The chunk's dictionary page, likewise. */
  record Entries(long address, int length, int uncompressed, int count) {}
}
