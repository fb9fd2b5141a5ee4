/**
 * Which rows of a Parquet file a filter needs: what can be ruled out by statistics, dictionaries,
 * bloom filters and page indexes, and the exact filter over Arrow batches.
 *
 * <p>Start at {@link dev.firn.format.parquet.filter.BatchFilter} and {@link
 * dev.firn.format.parquet.filter.RowGroupPruner}. Pruning is never exact and never loses a row; the
 * batch filter is exact, with SQL's three-valued logic.
 */
@NullMarked
package dev.firn.format.parquet.filter;

import org.jspecify.annotations.NullMarked;
