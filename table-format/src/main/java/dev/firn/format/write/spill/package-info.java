/**
 * Rows that wait for their file: Arrow batches in memory, sorted runs of them on local disk, and
 * the merge of runs. Knows partitions by number only, and no data files.
 *
 * <p>Start at {@link dev.firn.format.write.spill.RowBuffer}, then {@link
 * dev.firn.format.write.spill.Runs}. Confined to one thread. Every class owns the memory that it
 * allocates and the temporary files that it makes; both are gone when it is closed, and the files
 * also when the process dies.
 */
@NullMarked
package dev.firn.format.write.spill;

import org.jspecify.annotations.NullMarked;
