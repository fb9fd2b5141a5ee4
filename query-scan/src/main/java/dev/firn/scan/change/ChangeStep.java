package dev.firn.scan.change;

import org.apache.iceberg.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * Two states of a table whose difference is read at once.
 *
 * @param before null: the empty table
 * @param appended whether {@code after} only added files to its parent, which need not be there
 * @param ordinal the place among the steps read, from 0
 */
record ChangeStep(@Nullable Snapshot before, Snapshot after, boolean appended, int ordinal) {}
