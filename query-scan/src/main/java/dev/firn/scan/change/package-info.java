/**
 * What changed between snapshots of a table, row by row, whatever engine made them: by differences
 * of manifests, of files and of the rows that deletes mark. Reads no file that is in both snapshots
 * with the same deletes. Knows nothing of catalogs: who waits for new snapshots brings a table that
 * can be refreshed.
 *
 * <p>Start at {@link dev.firn.scan.change.ChangeScanner}; {@link dev.firn.scan.change.Follower}
 * waits for what comes.
 *
 * @see <a href="https://iceberg.apache.org/spec/#scan-planning">Which deletes apply to a file</a>
 */
@NullMarked
package dev.firn.scan.change;

import org.jspecify.annotations.NullMarked;
