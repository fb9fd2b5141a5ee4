/**
 * Removes rows for good: from every file of every retained snapshot and branch, and reads what is
 * left to prove it. Starts at {@link dev.firn.compaction.erase.Erasure}. Everything here works in
 * the calling thread. It refuses what it cannot test, and removes no file that another writer may
 * still commit.
 *
 * @see <a href="https://iceberg.apache.org/spec/">Iceberg table specification</a>
 */
@org.jspecify.annotations.NullMarked
package dev.firn.compaction.erase;
