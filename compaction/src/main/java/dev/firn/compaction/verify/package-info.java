/**
 * Whether a table is what its metadata says: every file there, readable, and holding what is
 * recorded of it.
 *
 * <p>Start at {@link dev.firn.compaction.verify.Verification}. Nothing is changed; what is wrong is
 * told as {@link dev.firn.compaction.verify.Finding}s, with what mends it.
 */
@NullMarked
package dev.firn.compaction.verify;

import org.jspecify.annotations.NullMarked;
