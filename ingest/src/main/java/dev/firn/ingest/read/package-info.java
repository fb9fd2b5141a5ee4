/**
 * Files as rows: expands inputs, recognises formats, infers a schema over all of them and yields
 * Iceberg records of a target schema, with the exact place of every value that does not fit.
 *
 * <p>Start at {@link dev.firn.ingest.read.InputSet}, then {@link dev.firn.ingest.read.Inference}
 * and {@link dev.firn.ingest.read.RowSource}. Every reader streams: memory is bounded by the
 * largest single row (or Arrow batch, or Parquet row group), never by a file. Sources are read
 * twice, so standard input is spooled to a temporary file. Confined to one thread.
 */
@NullMarked
package dev.firn.ingest.read;

import org.jspecify.annotations.NullMarked;
