/**
 * Commits: changes of tables, gathered into groups, staged in memory on the newest metadata, and
 * made visible by one swap of pointers.
 *
 * <p>Start at {@link dev.firn.catalog.commit.Commits}.
 */
@NullMarked
package dev.firn.catalog.commit;

import org.jspecify.annotations.NullMarked;
