/**
 * The facade: open a lakehouse, make tables, write, read, evolve and maintain them.
 *
 * <p>Start at {@link dev.firn.Lakehouse}. Depends on every module below it and holds no format or
 * commit logic of its own.
 */
@NullMarked
package dev.firn;

import org.jspecify.annotations.NullMarked;
