/**
 * What rows are grouped and ordered by: Iceberg's transforms over whole columns, partition ids,
 * sort keys that compare as bytes, and the sort of row positions. Knows no files.
 *
 * <p>Start at {@link dev.firn.format.write.key.Partitioner} and {@link
 * dev.firn.format.write.key.SortKeys}. Confined to one thread each; batches are borrowed.
 *
 * @see <a href="https://iceberg.apache.org/spec/#partition-transforms">Iceberg's transforms</a>
 */
@NullMarked
package dev.firn.format.write.key;

import org.jspecify.annotations.NullMarked;
