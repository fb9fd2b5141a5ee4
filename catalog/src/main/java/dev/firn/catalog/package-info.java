/**
 * Pointers: which snapshot of which table is current, and the commits that move it.
 *
 * <p>Start at {@link dev.firn.catalog.LakeCatalog}.
 */
@NullMarked
package dev.firn.catalog;

import org.jspecify.annotations.NullMarked;
