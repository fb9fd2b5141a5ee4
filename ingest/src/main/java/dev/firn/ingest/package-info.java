/**
 * Loads files of other formats into tables: the engine behind {@code firn load}.
 *
 * <p>Start at {@link dev.firn.ingest.LoadJob}. What a file holds is found in {@code
 * dev.firn.ingest.read}, what a text means in {@code dev.firn.ingest.value}; this package ties both
 * to a lakehouse and owns the text form of schemas, {@link dev.firn.ingest.SchemaText}. A job is
 * confined to the thread that runs it; only its cancellation may come from another.
 */
@NullMarked
package dev.firn.ingest;

import org.jspecify.annotations.NullMarked;
