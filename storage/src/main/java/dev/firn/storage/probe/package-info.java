/**
 * Finds out what a store can do, by doing it. Start at {@link dev.firn.storage.probe.StoreCheck}.
 * Immutable, stateless. Refuses to guess from names and versions.
 */
@NullMarked
package dev.firn.storage.probe;

import org.jspecify.annotations.NullMarked;
