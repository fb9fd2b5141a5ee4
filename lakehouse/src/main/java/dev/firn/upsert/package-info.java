/**
 * Rows replaced and deleted by key, without equality deletes: what a stream's {@code upsert} and
 * {@code delete} do.
 *
 * <p>Start at {@link dev.firn.upsert.UpsertBatch}, which takes the changes of one batch, and {@link
 * dev.firn.upsert.UpsertCommit}, which makes them one snapshot. Reads the rows that the changes
 * replace through {@link dev.firn.keyindex.KeyIndex} alone.
 */
@NullMarked
package dev.firn.upsert;

import org.jspecify.annotations.NullMarked;
