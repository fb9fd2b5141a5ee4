package dev.firn.format.parquet.write;

import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;

/**
 * A finished data page: where its bytes are, and what its header and the indexes say of it. {@code
 * levelBytes}, of which the first {@code repetitionBytes} are repetition levels, are what stands
 * before the compressed part, in pages of version 2.
 */
record StoredPage(
    long address,
    int compressed,
    int uncompressed,
    int repetitionBytes,
    int levelBytes,
    int entries,
    int nulls,
    int rows,
    Encoding encoding,
    Statistics<?> statistics,
    SizeStatistics sizes) {
  /** The chunk's dictionary page, likewise. */
  record Entries(long address, int compressed, int uncompressed, int count) {}
}
