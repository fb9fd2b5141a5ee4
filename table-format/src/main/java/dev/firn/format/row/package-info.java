/**
 * Java records and beans as Iceberg rows, both ways.
 *
 * <p>Start at {@link dev.firn.format.row.RowBinder}.
 */
@NullMarked
package dev.firn.format.row;

import org.jspecify.annotations.NullMarked;
