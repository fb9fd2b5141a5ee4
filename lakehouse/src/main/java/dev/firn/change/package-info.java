/**
 * Changes of rows that are in a table: delete, update, merge, and the replacement of partitions.
 *
 * <p>Start at {@link dev.firn.change.TableUpdate} and {@link dev.firn.change.TableMerge}. Each
 * change looks at one snapshot, writes what it finds to be different, and hands over one {@code
 * RowChange}; who commits it, and does it again after a conflict, is a {@link
 * dev.firn.change.ChangeTarget}. Rows are marked by position, or the touched files are written
 * anew, as the table's {@code write.{delete,update,merge}.mode} says. Refuses to write equality
 * deletes.
 *
 * <p>Everything is confined to the thread that runs the change. Owns what it writes until that is
 * handed over; borrows Arrow memory of the target's allocator.
 */
@NullMarked
package dev.firn.change;

import org.jspecify.annotations.NullMarked;
