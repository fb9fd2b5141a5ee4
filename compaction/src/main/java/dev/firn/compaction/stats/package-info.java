/**
 * What query planners want to know of a table beyond its manifests: distinct values of columns, and
 * totals of partitions.
 *
 * <p>Start at {@link dev.firn.compaction.stats.StatisticsUpdate}.
 *
 * @see <a href="https://iceberg.apache.org/puffin-spec/">the Puffin specification</a>
 */
@NullMarked
package dev.firn.compaction.stats;

import org.jspecify.annotations.NullMarked;
