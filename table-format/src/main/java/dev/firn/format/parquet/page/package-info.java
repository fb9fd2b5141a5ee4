/**
 * Pages of Parquet column chunks: headers, checksums, codecs, levels and every value encoding,
 * decoded whole into native memory. Knows no schema of Iceberg's, no rows and no Arrow vectors.
 *
 * <p>Start at {@link dev.firn.format.parquet.page.ColumnChunk}. Everything here is confined to one
 * thread. A file is hostile until proven otherwise: every count, length and offset is checked
 * before memory is touched, and a fault is a {@link
 * dev.firn.format.parquet.page.CorruptPageException}.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/data-pages/encodings/">Encodings</a>
 */
@NullMarked
package dev.firn.format.parquet.page;

import org.jspecify.annotations.NullMarked;
