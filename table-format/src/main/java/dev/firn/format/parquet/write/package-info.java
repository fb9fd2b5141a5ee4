/**
 * Arrow batches as Parquet files: pages, statistics, indexes, bloom filters and Iceberg's metrics.
 *
 * <p>Start at {@link dev.firn.format.parquet.write.ParquetWriter}. A writer is confined to one
 * thread; columns may encode on an executor that the caller brings.
 *
 * @see <a href="https://iceberg.apache.org/spec/#parquet">Iceberg's Parquet mapping</a>
 */
@NullMarked
package dev.firn.format.parquet.write;

import org.jspecify.annotations.NullMarked;
