/**
 * What a reader sees: one exact snapshot, all deletes applied, in the schema asked for.
 *
 * <p>Start at {@link dev.firn.scan.TableScanner}.
 */
@NullMarked
package dev.firn.scan;

import org.jspecify.annotations.NullMarked;
