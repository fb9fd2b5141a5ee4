/**
 * The ledger of files that writers are about to create, and the sweep of what dead writers left
 * behind. Never decides by the age of a file: a file is swept because a writer that is dead said
 * that it would create it, and no commit has taken it over.
 *
 * <p>Start at {@link dev.firn.catalog.intent.WriteIntents}, which a writer asks for a {@link
 * dev.firn.catalog.intent.WriteIntent}. {@code WriteIntents} owns one thread, which renews the
 * process's lease; everything is thread-safe.
 */
@NullMarked
package dev.firn.catalog.intent;

import org.jspecify.annotations.NullMarked;
