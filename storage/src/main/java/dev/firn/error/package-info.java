/**
 * How Firn fails: one exception, classed by what the caller must do.
 *
 * <p>Start at {@link dev.firn.error.FirnException}. It stands in the lowest module because every
 * other may use it. Immutable throughout.
 */
@NullMarked
package dev.firn.error;

import org.jspecify.annotations.NullMarked;
