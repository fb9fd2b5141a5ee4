/**
 * Where rows are by key: which live rows of a table have a given value of its identifier fields.
 *
 * <p>Start at {@link dev.firn.keyindex.KeyIndex}. An index answers for one snapshot at a time, and
 * for files that are not committed yet; it changes no table.
 */
@NullMarked
package dev.firn.keyindex;

import org.jspecify.annotations.NullMarked;
