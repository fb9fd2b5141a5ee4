/**
 * Tables as the catalog sees them: their names, where they go, what of them Firn refuses, how their
 * metadata files are read.
 *
 * <p>Start at {@link dev.firn.catalog.table.TableName}.
 */
@NullMarked
package dev.firn.catalog.table;

import org.jspecify.annotations.NullMarked;
