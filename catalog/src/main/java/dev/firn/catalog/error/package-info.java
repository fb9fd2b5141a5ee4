/**
 * What the failures of Iceberg, JDBC and the stores mean to the caller: the catalog's one
 * translator to {@code FirnException}.
 *
 * <p>Start at {@link dev.firn.catalog.error.IcebergErrors}.
 */
@NullMarked
package dev.firn.catalog.error;

import org.jspecify.annotations.NullMarked;
