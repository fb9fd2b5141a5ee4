/**
 * Checksums for what Parquet itself leaves unchecked. A page's CRC covers its body; the page's
 * header, the indexes, the bloom filters and the footer have none, and a store checks no bytes that
 * are read by range. Files that Firn writes therefore end with a section of checksums before the
 * footer, and name it in a key-value pair of the footer, which holds a checksum of the footer too.
 * To other readers both are bytes that nothing refers to. All are CRC-32C.
 *
 * <p>The section holds, little-endian, for each column chunk in the order of the footer: the sums
 * of its column index, offset index, bloom filter and dictionary page, each 0 where there is none;
 * the number of its pages; and the sum of each page's header, 0 where it is not known.
 *
 * <p>Start with {@link dev.firn.format.parquet.checksum.FileSums}.
 */
@NullMarked
package dev.firn.format.parquet.checksum;

import org.jspecify.annotations.NullMarked;
