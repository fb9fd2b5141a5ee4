/**
 * Bytes: object stores behind Iceberg's {@code FileIO}, chosen by the scheme of a location.
 *
 * <p>Start at {@link dev.firn.storage.SchemeFileIO}. Knows nothing of tables. All classes are
 * thread-safe.
 */
@NullMarked
package dev.firn.storage;

import org.jspecify.annotations.NullMarked;
