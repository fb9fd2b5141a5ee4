/**
 * Work that is shared among threads which others lend.
 *
 * <p>Start at {@link dev.firn.compaction.work.Crew}.
 */
@NullMarked
package dev.firn.compaction.work;

import org.jspecify.annotations.NullMarked;
