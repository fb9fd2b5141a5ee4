/**
 * Keeping a table fast: compaction and snapshot expiry, on any Iceberg {@code Table}.
 *
 * <p>Start at {@link dev.firn.compaction.Compaction}.
 */
@NullMarked
package dev.firn.compaction;

import org.jspecify.annotations.NullMarked;
