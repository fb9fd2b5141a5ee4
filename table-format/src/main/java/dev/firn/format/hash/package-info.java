/**
 * What rows hold, in a number that does not depend on their order or their files.
 *
 * <p>Start at {@link dev.firn.format.hash.ContentHasher}, which makes a {@link
 * dev.firn.format.hash.ContentHash} of Arrow batches. The hash is version 1, and stable: it is kept
 * in snapshot summaries and computed again years later. It finds faults, not forgers.
 */
@NullMarked
package dev.firn.format.hash;

import org.jspecify.annotations.NullMarked;
