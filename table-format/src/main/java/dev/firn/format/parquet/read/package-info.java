/**
 * Parquet files as Arrow batches in an expected Iceberg schema.
 *
 * <p>Start at {@link dev.firn.format.parquet.read.ParquetReader}. A reader is confined to one
 * thread; columns may decode on an executor that the caller brings.
 *
 * @see <a href="https://iceberg.apache.org/spec/#parquet">Iceberg's Parquet mapping</a>
 */
@NullMarked
package dev.firn.format.parquet.read;

import org.jspecify.annotations.NullMarked;
