/**
 * Bytes: what every store does, beyond Iceberg's {@code FileIO}. The stores themselves are in the
 * packages below, one each; {@link dev.firn.storage.scheme} chooses by the scheme of a location.
 *
 * <p>Start at {@link dev.firn.storage.Store}. Knows nothing of tables. All classes are thread-safe
 * but the streams.
 */
@NullMarked
package dev.firn.storage;

import org.jspecify.annotations.NullMarked;
