package dev.firn.upsert;

import dev.firn.catalog.LakeCatalog;
import java.util.function.Function;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * Where upserts of a table go. Immutable.
 *
 * @param hold keeps a snapshot and those after it from expiry until what it returns is run
 */
public record UpsertTarget(
    LakeCatalog catalog,
    TableIdentifier table,
    KeyIndexes indexes,
    Function<@Nullable Snapshot, Runnable> hold) {
  /** Returns a handle that nobody else has. */
  Table load() {
    return catalog.loadTable(table);
  }
}
