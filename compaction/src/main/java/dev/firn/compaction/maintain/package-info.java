/**
 * What keeps a table's metadata and deletes lean: which delete files still matter, what changed
 * between two snapshots, manifests by partition, and which rows have had their time. Decides and
 * writes files; commits nothing by itself.
 *
 * <p>Start at {@link dev.firn.compaction.maintain.DataFileAges}.
 */
@NullMarked
package dev.firn.compaction.maintain;

import org.jspecify.annotations.NullMarked;
