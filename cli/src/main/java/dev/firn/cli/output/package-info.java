/**
 * Rows as text: aligned tables, JSON, CSV. Streamed: memory does not grow with the rows.
 *
 * <p>Start at {@link dev.firn.cli.output.RowPrinter}. Values are those of Iceberg's generic
 * records. Confined to one thread.
 */
@NullMarked
package dev.firn.cli.output;

import org.jspecify.annotations.NullMarked;
