/**
 * Caches of immutable files, bounded in bytes: nothing in them is ever out of date, only evicted.
 * In memory, whole small files and what readers parsed of large ones; on a local disk, blocks of
 * data files. Start at {@link dev.firn.storage.cache.MemoryCache}.
 *
 * <p>Refuses files that are overwritten. Knows nothing of any store and of no format.
 */
@NullMarked
package dev.firn.storage.cache;

import org.jspecify.annotations.NullMarked;
